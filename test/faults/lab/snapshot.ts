import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DeploymentState } from '../../../src/domain/deployment.ts';
import { instanceFilter, labelKeys } from '../../../src/domain/labels.ts';
import type { World } from '../../../src/demo/world.ts';
import type { RepositoryRef } from '../../../src/demo/github/index.ts';
import type { PullSeen, Snapshot } from './invariants.ts';

/** A pull request of the laboratory, and what its preview is to come to. `repository` with its owner and name, for people. */
export type Tale = { repository: RepositoryRef & { fullName: string }; branch: string; number: number; expects: PullSeen['expects'] };

export type Rows = <Row>(sql: string) => Promise<Row[]>;

/** Looks at everything once, at webhooks since that time. `rows` reads the program's database. */
export async function look(world: World, rows: Rows, tales: readonly Tale[], since: Date): Promise<Snapshot> {
  const accepted = world.github.deliveries().flatMap(({ guid, status, at }) => (at > since && status >= 200 && status < 300 ? [guid] : []));
  const filters = { label: [instanceFilter(world.instance)] };
  const [containers, networks, { images }] = await Promise.all([
    world.docker.listContainers({ all: true, filters }),
    world.docker.listNetworks({ filters }),
    world.remains(),
  ]);
  const previews = await rows<PreviewSeen>(
    `select p.id::int, p.host_label as "hostLabel", p.wanted_run as "wantedRun", p.ref, j.repository_id::int as "repositoryId" from previews p join projects j on j.id = p.project_id`,
  );
  return {
    accepted: [...new Set(accepted)],
    ledger: await rows('select guid, state from deliveries'),
    previews,
    deployments: await rows<{ id: number; previewId: number; state: DeploymentState; image: string | null }>(
      'select id::int, preview_id::int as "previewId", state, image from deployments',
    ),
    containers: containers.map(({ Names, Labels, State }) => ({ name: Names[0] ?? '', deploymentId: Number(Labels[labelKeys.deployment]), running: State === 'running' })),
    networks: networks.map(({ Name, Labels }) => ({ name: Name, previewId: Number(Labels?.[labelKeys.preview]) })),
    images,
    holds: await holdsOf(world),
    pulls: await Promise.all(tales.map((tale) => pullOf(world, tale, previews))),
  };
}

type PreviewSeen = { id: number; hostLabel: string; wantedRun: string; ref: string; repositoryId: number };

async function pullOf(world: World, { repository, branch, number, expects }: Tale, previews: readonly PreviewSeen[]): Promise<PullSeen> {
  const pull = world.github.pullRequest(repository, number);
  const comments = world.github.comments(repository, number).filter(({ byApp }) => byApp).map(({ body }) => body);
  const row = previews.find(({ ref, repositoryId }) => ref === branch && repositoryId === repository.id);
  const seen = { name: `${repository.fullName}#${number}`, open: pull.state === 'open', head: pull.head.sha, expects, comments };
  return { ...seen, host: row === undefined ? null : await hostOf(world, row.hostLabel, expects) };
}

/** A visit wakes a preview that sleeps: then only its status is asked for. */
async function hostOf(world: World, label: string, expects: PullSeen['expects']): Promise<PullSeen['host']> {
  const status = await world.get(label, { path: '/_kosuke/status' });
  const state = /"state":"(\w+)"/.exec(status.text)?.[1] ?? 'unknown';
  const visited = expects === 'asleep' || state !== 'running' ? status : await world.get(label);
  return { status: visited.status, state, commit: one(visited.headers['x-kosuke-commit']) };
}

function one(header: string | string[] | undefined): string | null {
  return typeof header === 'string' ? header : null;
}

async function holdsOf({ program }: World): Promise<Snapshot['holds']> {
  const directory = program.env['TRAEFIK_DYNAMIC_DIR']!;
  const names = (await readdir(directory)).filter((name) => /^kosuke-hold-\d+\.yml$/.test(name));
  return Promise.all(
    names.map(async (name) => {
      const text = await readFile(join(directory, name), 'utf8').catch(() => '');
      return { deploymentId: Number(/\d+/.exec(name)?.[0]), host: /Host\(`([^`]+)`\)/.exec(text)?.[1] ?? name };
    }),
  );
}
