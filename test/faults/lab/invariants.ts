import { endedStates, type DeploymentState } from '../../../src/domain/deployment.ts';

/** What was seen at one moment at GitHub, in the rows, on the engine and at the edge. */
export type Snapshot = {
  /** GUIDs of webhooks that were answered 2xx, and those that are in the ledger with their state there. */
  accepted: readonly string[];
  ledger: readonly { guid: string; state: string }[];
  pulls: readonly PullSeen[];
  previews: readonly { id: number; hostLabel: string; wantedRun: string }[];
  deployments: readonly { id: number; previewId: number; state: DeploymentState; image: string | null }[];
  containers: readonly { name: string; deploymentId: number; running: boolean }[];
  networks: readonly { name: string; previewId: number }[];
  images: readonly string[];
  holds: readonly { deploymentId: number; host: string }[];
};

/** What a pull request's preview is to come to; what GitHub shows of it; what a visitor of its host and its status page meet. */
export type PullSeen = {
  name: string;
  open: boolean;
  head: string;
  expects: 'running' | 'asleep' | 'failed';
  comments: readonly string[];
  /** `state`: of the status page. `commit`: of the version that answered, `null` when none did. */
  host: { status: number; state: string; commit: string | null } | null;
};

/** How exactly: `settled` also wants what may take its time gone, such as a replaced version in its last seconds, and every comment up to date. */
export type Strictness = 'converged' | 'settled';

/** Everything that is not as it must be once the program has come to rest, a sentence each. Pure. */
export function violationsOf(seen: Snapshot, strictness: Strictness): string[] {
  return [...webhooks(seen), ...seen.pulls.flatMap((pull) => [...commentsOf(pull), ...previewOf(pull, strictness)]), ...things(seen, strictness), ...rows(seen), ...holds(seen)];
}

function webhooks({ accepted, ledger }: Snapshot): string[] {
  const stored = new Set(ledger.map(({ guid }) => guid));
  return [
    ...accepted.filter((guid) => !stored.has(guid)).map((guid) => `the webhook ${guid} was accepted and is not in the ledger`),
    ...ledger.filter(({ state }) => state === 'waiting').map(({ guid }) => `the webhook ${guid} was not handled`),
  ];
}

function commentsOf({ name, open, comments }: PullSeen): string[] {
  if (comments.length === 1 || (comments.length === 0 && !open)) return [];
  return [`${name} has ${comments.length} comments of ours`];
}

function previewOf({ name, open, head, expects, host, comments }: PullSeen, strictness: Strictness): string[] {
  if (!open) return host === null || host.state === 'removed' || host.status === 404 ? [] : [`${name} is closed, and its preview is ${host.state}`];
  if (host === null) return [`${name} has no preview`];
  const problems: string[] = [];
  if (expects === 'running' && (host.status !== 200 || host.commit !== head)) {
    problems.push(`${name} is to be at ${head.slice(0, 7)}; its host answers ${host.status} at ${host.commit?.slice(0, 7) ?? 'no commit'} (${host.state})`);
  }
  if (expects === 'asleep' && host.state !== 'asleep') problems.push(`${name} is to be asleep, and is ${host.state}`);
  if (expects === 'failed' && !/failed/i.test(comments[0] ?? '')) problems.push(`${name} failed, and its comment does not say so`);
  const word = { running: /🟢 Running \|/, asleep: /⚪ Asleep/, failed: /failed/i }[expects];
  if (strictness === 'settled' && !word.test(comments[0] ?? '')) problems.push(`${name} is ${expects}, and its comment does not say so`);
  return problems;
}

function things({ previews, deployments, containers, networks, images }: Snapshot, strictness: Strictness): string[] {
  const wanted = new Map(previews.map(({ id, wantedRun }) => [id, wantedRun !== 'nothing']));
  const inUse = deployments.filter(({ previewId, state }) => wanted.get(previewId) === true && (!endedStates.includes(state) || (strictness === 'converged' && state === 'superseded')));
  const ids = new Set(inUse.map(({ id }) => id));
  const names = new Set(inUse.map(({ image }) => image));
  return [
    ...containers.filter(({ deploymentId }) => !ids.has(deploymentId)).map(({ name }) => `the container ${name} belongs to no row`),
    ...networks.filter(({ previewId }) => wanted.get(previewId) !== true).map(({ name }) => `the network ${name} belongs to no row`),
    ...images.filter((name) => !names.has(name)).map((name) => `the image ${name} belongs to no row`),
  ];
}

function rows({ previews, deployments, containers, networks }: Snapshot): string[] {
  const runs = new Map(previews.map(({ id, wantedRun }) => [id, wantedRun]));
  const started = new Set(containers.filter(({ running }) => running).map(({ deploymentId }) => deploymentId));
  const reached = new Set(networks.map(({ previewId }) => previewId));
  return [
    ...deployments.filter(({ state }) => ['queued', 'building', 'starting'].includes(state)).map(({ id, state }) => `the deployment ${id} is still ${state}`),
    ...deployments
      .filter(({ id, previewId, state }) => state === 'live' && runs.get(previewId) === 'running' && !started.has(id))
      .map(({ id }) => `the deployment ${id} is live by its row, and nothing of it runs`),
    ...deployments
      .filter(({ previewId, state }) => state === 'live' && runs.get(previewId) === 'running' && !reached.has(previewId))
      .map(({ id }) => `the deployment ${id} is live by its row, and has no network`),
  ];
}

function holds({ holds }: Snapshot): string[] {
  return holds.map(({ deploymentId, host }) => `${host} is held for the deployment ${deploymentId}, for no reason`);
}
