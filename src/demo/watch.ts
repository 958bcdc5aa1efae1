import { setTimeout as delay } from 'node:timers/promises';
import type { Operations } from '../cli/operations.ts';
import type { DeliverySnapshot, PullRequestSnapshot, RepositorySnapshot } from './github/index.ts';
import type { ProgramLine } from './program.ts';
import type { Step, Timeline } from './timeline.ts';
import type { World } from './world.ts';

export type Watched = { repository: RepositorySnapshot; pull: PullRequestSnapshot };

/** Puts all that happens around a pull request on the timeline, until the returned function is called. */
export function watch(world: World, watched: Watched, timeline: Timeline): () => Promise<void> {
  const end = new AbortController();
  const toFollow = new Map<number, number>();
  const off = world.program.onLine((line) => {
    const deployment = line['deployment'];
    if (line.msg === 'queued' && typeof deployment === 'number') toFollow.set(deployment, 0);
    const step = stepOf(world, watched, line);
    if (step !== null) timeline.add(step);
  });
  const looks = [webhooks(world, watched), comments(world, watched), statuses(world, watched)];

  const look = async () => {
    for (const step of looks.flatMap((newSteps) => newSteps())) timeline.add(step);
    // A program that is away for a moment says its build steps when it is back.
    const operations = await world.program.operations().catch(() => null);
    if (operations === null) return;
    for (const [deployment, from] of toFollow) {
      const { steps, next } = await logSteps(operations, watched, deployment, from);
      for (const step of steps) timeline.add(step);
      if (next === null) toFollow.delete(deployment);
      else toFollow.set(deployment, next);
    }
  };
  const looking = (async () => {
    while (!end.signal.aborted) {
      await look();
      timeline.show(new Date());
      await delay(everyMs, undefined, { signal: end.signal }).catch(() => undefined);
    }
  })();

  return async () => {
    end.abort();
    await looking;
    await look();
    off();
    timeline.finish();
  };
}

const everyMs = 80;

type NewSteps = () => Step[];

/** What GitHub sent about the repository since `watch` began; that it tells of our own comments is left out. */
function webhooks({ github }: World, { repository, pull }: Watched): NewSteps {
  const fresh = unseen<DeliverySnapshot>(github.deliveries(), ({ id }) => id);
  return () =>
    fresh(github.deliveries())
      .filter(({ repositoryId, event }) => repositoryId === repository.id && event !== 'issue_comment')
      .flatMap((delivery) => {
        const { at, event, action, status, durationMs, error } = delivery;
        const received: Step = {
          at: new Date(at.getTime() + durationMs),
          word: 'webhook',
          text: `${event}${action === null ? '' : ` ${action}`}, ${error ?? `signed, stored and answered ${status} in ${durationMs} ms`}`,
        };
        const cause = causeOf(delivery, pull);
        return cause === null ? [received] : [cause, received];
      });
}

/** What a person did, where a webhook tells of it: time counts from there on. */
function causeOf({ event, action, payload, at }: DeliverySnapshot, { head, number }: PullRequestSnapshot): Step | null {
  if (event === 'pull_request' && action === 'closed') return { at, word: 'closed', text: `pull request #${number}`, look: 'begin' };
  if (event !== 'push' || payload['ref'] !== `refs/heads/${head.ref}`) return null;
  const commit = payload['head_commit'];
  const message = typeof commit === 'object' && commit !== null && 'message' in commit ? String(commit.message).split('\n')[0] : '';
  return { at, word: 'push', text: `${String(payload['after']).slice(0, 7)} ${message}`, look: 'begin' };
}

function comments({ github }: World, { repository, pull }: Watched): NewSteps {
  const fresh = unseen(github.comments(repository, pull.number), ({ id, edits }) => `${id} ${edits}`);
  return () =>
    fresh(github.comments(repository, pull.number).filter(({ byApp }) => byApp)).map(({ body, edits, updatedAt }) => ({
      at: updatedAt,
      word: 'comment',
      text: `${edits === 0 ? 'written' : 'edited'}: ${stateIn(body)}`,
    }));
}

/** The state in the comment's table. */
function stateIn(comment: string): string {
  const row = comment.split('\n').findLast((line) => line.startsWith('|')) ?? '';
  return row.split('|')[2]?.trim() ?? '';
}

function statuses({ github }: World, { repository }: Watched): NewSteps {
  const all = () =>
    github.deployments(repository).flatMap(({ sha, statuses }) => statuses.filter(({ automatic }) => !automatic).map((status) => ({ ...status, sha })));
  const fresh = unseen(all(), ({ id }) => id);
  return () =>
    fresh(all()).map(({ at, state, sha, description }) => ({ at, word: 'status', text: `deployment of ${sha.slice(0, 7)}: ${state} (${description})` }));
}

/** Gives of a list that grows what it did not give before. */
function unseen<T>(before: readonly T[], keyOf: (item: T) => unknown): (now: readonly T[]) => T[] {
  const seen = new Set(before.map(keyOf));
  return (now) => now.filter((item) => !seen.has(keyOf(item)) && seen.add(keyOf(item)));
}

/** What the program did, from its own log. */
function stepOf({ url }: World, { pull }: Watched, line: ProgramLine): Step | null {
  const { at, msg, level } = line;
  switch (msg) {
    case 'queued':
      return { at, word: 'queued', text: `commit ${String(line['commit']).slice(0, 7)} of ${pull.head.ref}` };
    case 'hold written':
      return { at, word: 'hold', text: `visitors ${line['to'] === 'gate' ? "see the gate's page" : 'stay on the old version'} for now` };
    case 'started':
      return { at, word: 'start', text: 'container started' };
    case 'ready':
      return { at, word: 'ready', text: 'the app answers at its own address' };
    case 'live':
      return { at, word: 'switch', text: `${url(String(line['host']))} shows the new version`, look: 'good' };
    case 'failed':
    case 'the build failed':
      return { at, word: 'failed', text: String(line['why']), look: 'bad' };
    case 'state':
      return line['state'] === 'removed' ? { at, word: 'removed', text: 'container, network, image and routes are gone', look: 'good' } : null;
    default:
      return level >= warn ? { at, word: 'trouble', text: msg, look: 'bad' } : null;
  }
}

const warn = 40;

/** The lines of a build from number `from`; `next` is `null` when no more will come. */
async function logSteps(operations: Operations, { repository, pull }: Watched, deployment: number, from: number): Promise<{ steps: Step[]; next: number | null }> {
  const preview = { kind: 'pull', owner: repository.owner, repo: repository.name, number: pull.number } as const;
  const answer = await operations.logs({ preview, deployment, from }).catch(() => null);
  if (answer === null || !answer.ok) return { steps: [], next: from };
  const { lines, next, ended } = answer.value;
  const steps = lines.map(({ at, stream, text }): Step => {
    const word = stream === 'note' && text.startsWith('Fetch') ? 'fetch' : 'build';
    return { at: new Date(at), word, text, ...(stream === 'step' || stream === 'note' ? {} : { look: 'detail' }) };
  });
  return { steps, next: ended && lines.length === 0 ? null : next };
}
