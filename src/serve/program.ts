import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { hostname, totalmem } from 'node:os';
import { join } from 'node:path';
import type Dockerode from 'dockerode';
import type { Logger } from 'pino';
import { createImageBuilder } from '../build/image-builder.ts';
import { createEngine } from '../docker/engine.ts';
import { createDirectEdge } from '../edge/direct.ts';
import { createEdge } from '../edge/edge.ts';
import { KosukeError } from '../domain/errors.ts';
import { createGit } from '../git/git.ts';
import { createCodeHost } from '../github/code-host.ts';
import { createGithub, type Github } from '../github/probot.ts';
import { createReporter } from '../github/reporter.ts';
import { countFailures } from '../metrics/count-failures.ts';
import { createInstruments } from '../metrics/instruments.ts';
import { createScrape, type Scrape } from '../metrics/scrape.ts';
import type { Deps } from '../reconcile/deps.ts';
import { createFetchAhead } from '../reconcile/fetch-ahead.ts';
import { createKnownImages, createKnownTrees } from '../reconcile/known-image.ts';
import type { Edge } from '../reconcile/ports/edge.ts';
import { createReadiness } from '../reconcile/readiness.ts';
import { createRemovals } from '../reconcile/removals.ts';
import { previewHost, previewUrl, type Settings } from '../settings.ts';
import { openIdentity } from '../settings/identity.ts';
import { lockDataDir, type DataDirLock } from '../store/lock.ts';
import { openStore } from '../store/open.ts';
import { systemClock } from './clock.ts';
import { warnIfOpen } from './data-dir.ts';
import { createDisk } from './disk.ts';
import { connectDocker, isThisMachine } from './docker.ts';
import { createEngineWatch, type EngineWatch } from './engine-watch.ts';

/** Every adapter, opened on the settings; nothing runs yet. */
export type Program = {
  settings: Settings;
  deps: Deps;
  github: Github;
  docker: Dockerode;
  engineWatch: EngineWatch;
  scrape: Scrape;
  /** The socket that is also the lock of DATA_DIR. */
  lock: DataDirLock;
  /** The owner of its leases. */
  workerId: string;
  close(): Promise<void>;
};

/** Throws `KosukeError` when another program works in DATA_DIR, or the store cannot be opened. */
export async function openProgram(settings: Settings, log: Logger): Promise<Program> {
  const lock = await lockDataDir(settings.dataDir);
  if (lock === 'held') throw inUse(settings.dataDir);
  try {
    await warnIfOpen(settings.dataDir, log);
    const identity = await openIdentity(settings);
    const store = await openStore({ dataDir: settings.dataDir, databaseUrl: settings.databaseUrl ?? undefined, log });
    // Whoever worked in DATA_DIR before is dead, and the embedded store is nobody else's. A copy of the directory works on another machine.
    const workerId = `${identity.workerId}@${hostname()}`;
    if (settings.databaseUrl === null) await store.previews.endAllLeases();
    else await store.previews.endLeasesOf(workerId);
    const docker = connectDocker(settings.dockerHost);
    const instruments = createInstruments();
    const { metrics } = instruments;
    const engine = countFailures(createEngine({ docker, instance: identity.instanceId, subnets: settings.previewSubnets, log }), metrics.engineFailed);
    const edge = settings.traefikEnabled ? await openTraefik(settings, log) : createDirectEdge({ engine, random: Math.random });
    const github = await createGithub({
      appId: settings.appId,
      privateKey: settings.privateKey,
      webhookSecret: settings.webhookSecret,
      apiUrl: settings.githubApiUrl,
      clock: systemClock,
      log,
      metrics,
    });
    const engineWatch = createEngineWatch({ engine, store, clock: systemClock, log });
    const config = configOf(settings, identity);
    const codeHost = createCodeHost({ ...github, webUrl: settings.githubUrl, clock: systemClock });
    const git = createGit({ dir: join(settings.dataDir, 'git'), log });
    const deps: Deps = {
      store,
      codeHost,
      git,
      builder: countFailures(createImageBuilder({ docker, log, imageKey: identity.instanceKey, spoolDir: await ownFolder(settings.dataDir, 'builds') }), metrics.engineFailed),
      engine,
      disk: createDisk({ dataDir: settings.dataDir, docker: isThisMachine(settings.dockerHost) ? docker : null, log }),
      edge,
      reporter: createReporter({ octokitFor: github.octokitFor, appId: settings.appId }),
      readiness: createReadiness({ edge, clock: systemClock, log }),
      ahead: createFetchAhead({ codeHost, git, log, config }),
      unclear: new Map(),
      removals: createRemovals(),
      knownImages: createKnownImages(),
      knownTrees: createKnownTrees(),
      clock: systemClock,
      log,
      metrics,
      watchingSince: engineWatch.since,
      engineVersion: engineWatch.version,
      killedAt: engineWatch.killedAt,
      randomToken: () => randomBytes(24).toString('base64url'),
      config,
    };
    const scrape = createScrape({ instruments, figures: store.figures, clock: systemClock, log });
    const close = async () => {
      await store.close();
      await lock.release();
    };
    return { settings, deps, github, docker, engineWatch, scrape, lock, workerId, close };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/** A folder below DATA_DIR, on the disk that is watched, for this user alone. */
async function ownFolder(dataDir: string, name: string): Promise<string> {
  const folder = join(dataDir, name);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  return folder;
}

async function openTraefik(settings: Settings, log: Logger): Promise<Edge> {
  await mkdir(settings.traefikDynamicDir, { recursive: true });
  return createEdge({
    dynamicDir: settings.traefikDynamicDir,
    gateUrl: settings.gateUrl,
    entryPoint: settings.traefikEntryPoint,
    previewDomain: settings.previewDomain,
    edgeAddress: settings.edgeAddress,
    scheme: settings.previewScheme,
    clock: systemClock,
    log,
  });
}

function configOf(settings: Settings, identity: { instanceId: string; instanceKey: Buffer }): Deps['config'] {
  return {
    instance: identity.instanceId,
    imageKey: identity.instanceKey,
    entryPoint: settings.traefikEntryPoint,
    memoryBytes: settings.previewMemory,
    cpus: settings.previewCpus,
    healthTimeoutMs: settings.healthTimeout,
    buildTimeoutMs: settings.buildTimeout,
    buildConcurrency: settings.buildConcurrency,
    expireAfterMs: settings.expireAfter,
    maxPreviews: settings.maxPreviews,
    diskBudgetBytes: settings.diskBudget,
    memoryBudgetBytes: settings.memoryBudget ?? (isThisMachine(settings.dockerHost) ? Math.floor(totalmem() * 0.9) : Infinity),
    allowedAccounts: settings.allowedAccounts === null ? null : new Set(settings.allowedAccounts),
    host: (label) => previewHost(settings, label),
    url: (label) => (settings.traefikEnabled ? previewUrl(settings, label) : `http://${previewHost(settings, label)}:${settings.port}`),
    logUrl: (token) => `${settings.publicUrl}/logs/${token}`,
    commitUrl: (owner, name, sha) => `${settings.githubUrl}/${owner}/${name}/commit/${sha}`,
  };
}

function inUse(dataDir: string): KosukeError {
  return new KosukeError({
    code: 'store',
    fault: 'us',
    what: `Another Kosuke Preview works in ${dataDir}`,
    why: 'one directory belongs to one running program',
    next: 'Stop the other one, or give this one a DATA_DIR of its own.',
  });
}
