import type { Probot } from 'probot';
import type { z } from 'zod';
import type { Intent } from '../reconcile/intent-types.ts';
import type { RepositoryFacts } from '../reconcile/ports/code-host.ts';
import { handledEvents } from './events.ts';
import {
  installationPayload,
  pullPayload,
  pushPayload,
  refPayload,
  repositoriesPayload,
  repositoryFacts,
  repositoryPayload,
} from './payloads.ts';

/** What the handlers need of a logger. */
type Log = { warn(fields: object, message: string): void };

/**
 * Registers the handlers of every event and action in `handledEvents`. They only put the payload into the words of `Intent`; a
 * rejection of it rejects `probot.receive`. A payload of another shape than GitHub describes is logged and left alone: trying it
 * again would not change it, and the sweep reads the truth anyway.
 */
export function registerHandlers(app: Pick<Probot, 'on'>, intent: Intent, log: Log): void {
  const read = <T>(shape: z.ZodType<T>, event: { id: string; name: string; payload: unknown }): T | null => {
    const parsed = shape.safeParse(event.payload);
    if (parsed.success) return parsed.data;
    const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
    log.warn({ guid: event.id, event: event.name, problems }, 'A webhook is not of the shape that GitHub describes; it was left alone');
    return null;
  };

  app.on('push', async (event) => {
    const push = read(pushPayload, event);
    const branch = push && branchOf(push.ref);
    if (!push || branch === null) return;
    const { before, after, created, deleted, head_commit: head } = push;
    const tree = head?.id === after ? head.tree_id : null;
    await intent.pushed({ repository: factsOf(push), branch, before, after, created, deleted, tree });
  });

  app.on(['create', 'delete'], async (event) => {
    const change = read(refPayload, event);
    if (change?.ref_type !== 'branch') return;
    await intent.branchChanged({ repository: factsOf(change), branch: change.ref });
  });

  app.on(withActions('pull_request'), async (event) => {
    const change = read(pullPayload, event);
    if (!change) return;
    const { number, head } = change.pull_request;
    const { action } = event.payload;
    await intent.pullChanged({
      repository: factsOf(change),
      pull: { number, headBranch: head.ref, headSha: head.sha, fork: head.repo?.id !== change.repository.id },
      action,
      reopened: action === 'reopened',
    });
  });

  app.on(withActions('repository'), async (event) => {
    const change = read(repositoryPayload, event);
    if (!change) return;
    await intent.repositoryChanged({ repository: factsOf(change), change: event.payload.action });
  });

  app.on(withActions('installation'), async (event) => {
    const change = read(installationPayload, event);
    if (!change) return;
    const { id, account } = change.installation;
    await intent.installationChanged({
      installationId: id,
      account: 'login' in account ? account.login : account.slug,
      change: event.payload.action,
    });
  });

  app.on(withActions('installation_repositories'), async (event) => {
    const change = read(repositoriesPayload, event);
    if (!change) return;
    await intent.repositoriesChanged({
      installationId: change.installation.id,
      added: change.repositories_added.map(({ id }) => ({ repositoryId: id })),
      removed: change.repositories_removed.map(({ id }) => ({ repositoryId: id })),
    });
  });
}

function factsOf(payload: z.infer<typeof repositoryPayload>): RepositoryFacts {
  return repositoryFacts(payload.repository, payload.installation.id);
}

/** The branch of `refs/heads/feature/a`; `null` for a tag. */
function branchOf(ref: string): string | null {
  const prefix = 'refs/heads/';
  return ref.startsWith(prefix) && ref.length > prefix.length ? ref.slice(prefix.length) : null;
}

type Acted = { [E in keyof typeof handledEvents]: (typeof handledEvents)[E] extends null ? never : E }[keyof typeof handledEvents];

/** `pull_request.opened`, `pull_request.closed`, … for each action that is handled. */
function withActions<E extends Acted>(event: E) {
  return handledEvents[event].map((action) => `${event}.${action}` as const) as `${E}.${(typeof handledEvents)[E][number]}`[];
}
