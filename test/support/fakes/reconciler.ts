import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { pino } from 'pino';
import { imageName } from '../../../src/domain/image-name.ts';
import type { Space } from '../../../src/domain/disk.ts';
import type { KosukeError } from '../../../src/domain/errors.ts';
import type { PullRequest } from '../../../src/domain/preview.ts';
import type { Truth } from '../../../src/domain/truth.ts';
import { createInstruments } from '../../../src/metrics/instruments.ts';
import { builds } from '../../../src/reconcile/builds.ts';
import type { Deps } from '../../../src/reconcile/deps.ts';
import { createIntent } from '../../../src/reconcile/intent.ts';
import { passes } from '../../../src/reconcile/passes.ts';
import { createKnownImages, createKnownTrees } from '../../../src/reconcile/known-image.ts';
import type { Store } from '../../../src/reconcile/ports/store.ts';
import { createReadiness } from '../../../src/reconcile/readiness.ts';
import { createRemovals } from '../../../src/reconcile/removals.ts';
import { systemClock } from '../../../src/serve/clock.ts';
import { testStore } from '../store.ts';
import { fakeEdge } from './edge.ts';
import { fakeEngine } from './engine.ts';

export const repository = { repositoryId: 700, installationId: 5, owner: 'acme', name: 'shop', private: false, defaultBranch: 'main' };

/**
 * The reconciler on a real store, with GitHub, git, engine and edge in memory behind our own ports. `parts.began` (ms): where its clock, which goes ten times
 * as fast, agrees with ours, so that several processes may have the same.
 */
export async function fakeReconciler(config: Partial<Deps['config']> = {}, parts: { store?: Store; began?: number } = {}) {
  const { store, close } = parts.store === undefined ? await testStore() : { store: parts.store, close: parts.store.close };
  const began = parts.began ?? Date.now();
  const clock = {
    offsetMs: 0,
    now: () => new Date(began + (Date.now() - began) * speed + clock.offsetMs),
    sleep: (ms: number, signal?: AbortSignal) => systemClock.sleep(ms / speed, signal),
  };
  const engine = fakeEngine(clock.now);
  const edge = fakeEdge(engine);
  const disk = { spaces: [] as Space[] };
  const log = pino({ level: 'silent' });
  const instruments = createInstruments();
  const github = {
    heads: new Map<string, string>(),
    pulls: [] as PullRequest[],
    closedHeads: [] as string[],
    truth: {} as Partial<Truth>,
    looks: 0,
    trouble: null as KosukeError | null,
  };
  const build = { dockerfile: 'FROM busybox\n' as string | null, submodules: [] as string[], args: [] as Readonly<Record<string, string>>[], labels: {} as Record<string, string>, ports: [] as number[], command: ['app'], run: (_sha: string, _signal: AbortSignal): Promise<void> => Promise.resolve(), ran: [] as string[] };

  const deps: Deps = {
    store,
    clock,
    log,
    metrics: instruments.metrics,
    engine,
    disk: { spaces: () => Promise.resolve([...disk.spaces]) },
    edge,
    readiness: createReadiness({ edge, clock, log }),
    ahead: { begin: () => undefined, giveWay: () => undefined, stop: () => Promise.resolve() },
    unclear: new Map(),
    removals: createRemovals(),
    knownImages: createKnownImages(),
    knownTrees: createKnownTrees(),
    codeHost: {
      look: (_project, ref) => {
        github.looks += 1;
        if (github.trouble !== null) return Promise.reject(github.trouble);
        const openPulls = github.pulls.filter((p) => (ref.kind === 'pull' ? p.number === ref.number : p.headBranch === ref.name && !p.fork));
        const headSha = ref.kind === 'branch' ? (github.heads.get(ref.name) ?? null) : (openPulls[0]?.headSha ?? null);
        return Promise.resolve({ installation: 'active', repository, headSha, openPulls, closedPullHeads: github.closedHeads, ...github.truth });
      },
      cloneAccess: () => Promise.resolve({ url: 'https://github.example/acme/shop.git', token: 'ghs_token', kept: false }),
      tree: (_project, sha) => Promise.resolve(treeOf(sha)),
      installations: () => Promise.resolve([{ id: 5, account: 'acme', suspended: false }]),
      repositories: () => Promise.resolve([repository]),
      heads: () => Promise.resolve([...github.heads].map(([branch, sha]) => ({ branch, sha }))),
      openPulls: () => Promise.resolve(github.pulls),
      metered: (_cost, work) => work(),
    },
    git: {
      fetch: () => Promise.resolve(),
      unpin: () => Promise.resolve(),
      readFiles: (_project, sha) =>
        Promise.resolve({
          tree: treeOf(sha),
          committedAt: 1_700_000_000,
          files: new Map(build.dockerfile === null ? [] : [['Dockerfile', Buffer.from(build.dockerfile)]]),
          submodules: build.submodules,
          lfsPointers: [],
          lfsUnread: 0,
          passedOver: [],
        }),
      archive: (_project, sha) => Readable.from([sha]),
    },
    builder: {
      async build(request, onLine, signal) {
        const sha = String((await request.context().toArray()).join(''));
        build.ran.push(sha);
        build.args.push(request.args);
        onLine({ at: clock.now(), step: '[1/1] FROM busybox', stream: 'step', text: 'FROM busybox' });
        await build.run(sha, signal);
        engine.images.set(request.tag, { id: `sha256:${sha}`, labels: build.labels, exposedPorts: build.ports, command: build.command, exposedCount: build.ports.length });
        return { imageId: `sha256:${sha}`, bases: [] };
      },
      inContext: (paths) => Promise.resolve([...paths]),
      keepBases: () => Promise.resolve(),
      collectBases: () => Promise.resolve(),
    },
    reporter: {
      putComment: () => Promise.resolve({ commentId: 1 }),
      createDeployment: () => Promise.resolve({ id: 1 }),
      createStatus: () => Promise.resolve(),
    },
    watchingSince: () => new Date(0),
    engineVersion: () => engine.version,
    killedAt: (id) => engine.kills.get(id) ?? null,
    randomToken: () => Math.random().toString(36).slice(2).padEnd(20, '0'),
    config: {
      instance: 'test-instance',
      imageKey: Buffer.alloc(32, 1),
      entryPoint: 'web',
      memoryBytes: 64 * 1024 * 1024,
      cpus: 1,
      healthTimeoutMs: 3_000,
      buildTimeoutMs: 10_000,
      buildConcurrency: 2,
      expireAfterMs: 14 * 86_400_000,
      maxPreviews: 30,
      memoryBudgetBytes: Infinity,
      diskBudgetBytes: null,
      allowedAccounts: null,
      host: (label) => `${label}.kosuke.localhost`,
      url: (label) => `http://${label}.kosuke.localhost`,
      logUrl: (token) => `http://localhost/logs/${token}`,
      commitUrl: (owner, name, sha) => `http://localhost/${owner}/${name}/commit/${sha}`,
      ...config,
    },
  };

  const stop = new AbortController();
  const workers = { passes: passes(deps, 'one', stop.signal), builds: builds(deps, 'one', stop.signal) };
  /** Does what is due, passes and builds, until nothing is, or `until` says so. Each piece is awaited, so nothing runs behind a test's back. */
  const work = async (until?: () => boolean | Promise<boolean>) => {
    for (let idle = 0; idle < (until === undefined ? 15 : 1500); ) {
      if (await until?.()) return;
      const piece = (await workers.passes.claim()) ?? (await workers.builds.claim());
      if (piece === null) {
        idle += 1;
        await systemClock.sleep(10);
        continue;
      }
      idle = 0;
      await piece();
    }
    if (until !== undefined) throw new Error('what was waited for did not happen');
  };

  return {
    deps, store, clock, instruments, engine, disk, edge, github, build, workers, work,
    intent: createIntent(deps),
    /** The repository is known, with nothing in it. */
    async sighted() {
      const project = await store.projects.ensure(repository, clock.now());
      await store.projects.sight(project.id, [], clock.now());
      return project;
    },
    async push(branch: string, sha: string) {
      github.heads.set(branch, sha);
      await this.intent.pushed({ repository, branch, before: '0'.repeat(40), after: sha, created: false, deleted: false, tree: null });
    },
    openPull(number: number, branch: string, change: Partial<PullRequest> = {}) {
      github.pulls.push({ number, title: 'A change', headBranch: branch, headSha: github.heads.get(branch) ?? '', fork: false, updatedAt: clock.now(), ...change });
    },
    /** As a person would at GitHub: the pull request is closed, and the webhook says so. */
    async closePull(number: number, branch: string) {
      github.pulls = github.pulls.filter((pull) => pull.number !== number);
      github.closedHeads = [github.heads.get(branch) ?? ''];
      await this.intent.pullChanged({ repository, pull: { number, headBranch: branch, headSha: '', fork: false }, action: 'closed', reopened: false });
    },
    async preview(branch: string) {
      const preview = (await store.previews.all()).find((p) => p.ref.kind === 'branch' && p.ref.name === branch);
      if (preview === undefined) throw new Error(`no preview of ${branch}`);
      return preview;
    },
    async newest(branch: string) {
      const [deployment] = await store.deployments.ofPreview((await this.preview(branch)).id);
      if (deployment === undefined) throw new Error(`no deployment of ${branch}`);
      return deployment;
    },
    async answers(branch: string) {
      return edge.probe(`${(await this.preview(branch)).hostLabel}.kosuke.localhost`, '/', AbortSignal.timeout(1000));
    },
    async close() {
      stop.abort();
      deps.readiness.stop();
      await close();
    },
  };
}

/** Time passes this much faster here. */
const speed = 10;

/** Commits that begin alike have the same files. */
const treeOf = (commit: string) => createHash('sha1').update(commit.slice(0, 4)).digest('hex');
export const sha = (letter: string) => letter.repeat(40);
export const nameOf = (deps: Deps, commit: string) => imageName(deps.config.imageKey, { projectId: 1, treeHash: treeOf(commit), dockerfile: 'FROM busybox\n', target: null, args: {}, afreshFor: null });
