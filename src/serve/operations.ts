import type { Answer, LogPart, Operations, PreviewRow, SweepResult } from '../cli/operations.ts';
import { nothingBecause } from '../domain/comment/nothing.ts';
import { endedStates } from '../domain/deployment.ts';
import type { PreviewName } from '../domain/preview-name.ts';
import type { PersonsWill, Preview } from '../domain/preview.ts';
import { asideBecause } from '../domain/set-aside.ts';
import { currentAddresses } from '../reconcile/address.ts';
import type { Deps } from '../reconcile/deps.ts';
import { planSweep } from '../reconcile/dry-run.ts';
import type { Swept } from '../reconcile/sweep.ts';
import { findPreview } from './find-preview.ts';

/**
 * The commands, on rows: each changes what a person wants, kicks the preview and waits at most `patienceMs` for what comes of it.
 * `onChange` is called before anything is changed.
 */
export function createOperations(deps: Deps, sweep: () => Promise<Swept>, patienceMs: number, onChange: () => void = () => undefined): Operations {
  const { store, clock } = deps;

  const change = async (
    name: PreviewName,
    asked: (preview: Preview) => (Partial<PersonsWill> & { redeploy?: boolean; forgetCrashes?: boolean }) | string,
    done: (preview: Preview) => boolean | Promise<boolean>,
  ): Promise<Answer<PreviewRow>> => {
    const preview = await findPreview(store, name);
    if (preview === null) return unknown();
    const will = asked(preview);
    if (typeof will === 'string') return { ok: false, problem: will };
    onChange();
    await store.previews.setWill(preview.id, will);
    await store.previews.kick(preview.id, { look: true, takeUp: true }, clock.now());
    const after = await untilDone(deps, preview.id, done, patienceMs);
    return { ok: true, value: await rowOf(deps, after, await currentAddresses(deps)) };
  };

  return {
    async list({ all }) {
      const previews = (await store.previews.all()).filter((preview) => all || !['removed', 'refused'].includes(preview.state));
      const addressOf = await currentAddresses(deps);
      const rows = await Promise.all(previews.map((preview) => rowOf(deps, preview, addressOf)));
      return { ok: true, value: rows.toSorted((a, b) => (a.hostLabel < b.hostLabel ? -1 : 1)) };
    },

    async setAside() {
      const rows = await store.deliveries.setAside();
      return { ok: true, value: rows.map((row) => ({ ...row, receivedAt: row.receivedAt.toISOString() })) };
    },

    async logs({ preview: name, deployment: wished, from }): Promise<Answer<LogPart>> {
      const preview = await findPreview(store, name);
      if (preview === null) return unknown();
      const deployments = await store.deployments.ofPreview(preview.id);
      const deployment = wished === null ? deployments[0] : ((await store.deployments.byId(wished)) ?? undefined);
      if (deployment === undefined || deployment.previewId !== preview.id) {
        return { ok: false, problem: wished === null ? 'Nothing was deployed for this preview yet.' : `This preview has no deployment ${wished}.` };
      }
      const lines = await store.deployments.log(deployment.id, from);
      const ended = deployment.state === 'live' || endedStates.includes(deployment.state);
      return {
        ok: true,
        value: {
          deployment: { id: deployment.id, sha: deployment.sha, state: deployment.state },
          lines: lines.map(({ at, step, stream, text }) => ({ at: at.toISOString(), step, stream, text })),
          next: (lines.at(-1)?.number ?? from - 1) + 1,
          ended,
        },
      };
    },

    redeploy: ({ preview }) =>
      change(
        preview,
        ({ wanted, project, hostLabel }) =>
          liftable.has(wanted.reason) || wanted.run !== 'nothing'
            ? { redeploy: true, forgetCrashes: true, removedSha: null, leftOutSha: null, expiredSha: null, asleepSha: null }
            : `There is nothing to deploy. ${nothingBecause({ wanted, project, hostLabel })}`,
        async ({ id, redeployNo }) => (await store.deployments.ofPreview(id)).some((d) => d.redeployNo === redeployNo && (d.state === 'live' || d.state === 'error' || endedStates.includes(d.state))),
      ),

    sleep: ({ preview }) =>
      change(
        preview,
        ({ wanted }) => (wanted.sha === null ? 'This preview has nothing that could sleep.' : { asleepSha: wanted.sha, asleepBy: 'person' }),
        async ({ state, hostLabel }) => state === 'asleep' && !(await deps.edge.holds()).some(({ host }) => host === deps.config.host(hostLabel)),
      ),

    wake: ({ preview }) =>
      change(
        preview,
        ({ wanted, project, hostLabel }) =>
          wanted.run === 'nothing' && wanted.reason !== 'expired'
            ? `There is nothing to wake. ${nothingBecause({ wanted, project, hostLabel })}`
            : wanted.asleepBecause === 'suspended'
              ? 'The App is suspended on this account. The preview wakes when it is unsuspended.'
              : { asleepSha: null, expiredSha: null, forgetCrashes: true },
        ({ state }) => state === 'running' || state === 'failed',
      ),

    remove: ({ preview }) =>
      change(
        preview,
        ({ wanted, project, hostLabel }) =>
          wanted.sha === null ? `There is nothing to remove. ${nothingBecause({ wanted, project, hostLabel })}` : { removedSha: wanted.sha },
        async ({ state, id }) => state === 'removed' && (await store.deployments.ofPreview(id)).every(({ image }) => image === null),
      ),

    async sweep(): Promise<Answer<SweepResult>> {
      onChange();
      const { looked, asking, cost, problems } = await sweep();
      return { ok: true, value: { looked, kicked: asking, ...cost, problems } };
    },

    planSweep: async () => ({ ok: true, value: await planSweep(deps, AbortSignal.timeout(planLimitMs)) }),
  };
}

/** What `redeploy` may lift; everything else is for GitHub to change. */
const liftable: ReadonlySet<Preview['wanted']['reason']> = new Set(['removed-by-person', 'left-out', 'expired'] as const);

function unknown(): { ok: false; problem: string } {
  return { ok: false, problem: 'There is no such preview. `npx kosuke-preview list --all` shows those there are.' };
}

/** The preview once `done`, or as it is when patience ends. */
async function untilDone(deps: Deps, id: number, done: (preview: Preview) => boolean | Promise<boolean>, patienceMs: number): Promise<Preview> {
  const until = deps.clock.now().getTime() + patienceMs;
  for (;;) {
    const preview = await deps.store.previews.byId(id);
    if (preview === null) throw new Error(`preview ${id} is gone from the store`);
    if ((await done(preview)) || deps.clock.now().getTime() > until) return preview;
    await deps.clock.sleep(lookEveryMs);
  }
}

async function rowOf({ store }: Deps, preview: Preview, addressOf: (preview: Preview) => string | null): Promise<PreviewRow> {
  const deployments = await store.deployments.ofPreview(preview.id);
  const [latest] = deployments;
  const live = deployments.find((d) => d.id === preview.liveDeploymentId && d.state === 'live');
  return {
    hostLabel: preview.hostLabel,
    url: addressOf(preview),
    repository: `${preview.project.owner}/${preview.project.name}`,
    ref: preview.ref.kind === 'branch' ? preview.ref.name : `pr-${preview.ref.number}`,
    pulls: preview.pulls.map((pull) => pull.number),
    state: preview.state,
    setAside: asideBecause(preview.setAside, latest ?? null),
    live: live === undefined ? null : { deployment: live.id, sha: live.sha },
    latest:
      latest === undefined
        ? null
        : { deployment: latest.id, sha: latest.sha, state: latest.state, at: (latest.endedAt ?? latest.switchedAt ?? latest.createdAt).toISOString() },
  };
}

const lookEveryMs = 50;
const planLimitMs = 9 * 60_000;
