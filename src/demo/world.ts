import { randomBytes } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import Dockerode from 'dockerode';
import type { Logger } from 'pino';
import { openIdentity } from '../settings/identity.ts';
import { remainsOf, removeAllOf, type Remains } from './clean-up.ts';
import { get, type Answer, type GetOptions } from './get.ts';
import { startLocalGitHub, type LocalGitHub } from './github/index.ts';
import { createProgram, type ProgramProcess } from './program.ts';
import { freePorts, startTraefik, type RunningTraefik } from './traefik.ts';

export type WorldOptions = {
  /** An absolute path of at most 70 characters; made, filled, and removed by `close()`. */
  dir: string;
  log: Logger;
  /** Of Traefik's entry point for previews; left out: a free one. */
  previewPort?: number;
  /** False: there is no Traefik, and the program is told so and nothing else about it. */
  traefik?: boolean;
  /** More settings of the program, e.g. `{ HEALTH_TIMEOUT: '5s' }`; they win over those made here. */
  settings?: Record<string, string>;
  /** Puts the settings of these names into the `.env` file of the program's directory instead of its environment, with what else an operator has there. */
  envFile?: { names: readonly string[]; others: Record<string, string> };
  /** The program gets a process group of its own, which a Ctrl-C in our terminal does not reach. */
  detached?: boolean;
  /** Fills the program's data directory before its first start. */
  fillDataDir?: (dataDir: string) => Promise<void>;
  /** See `LocalGitHubOptions`. */
  checkContract?: boolean;
};

/** Everything around the program on one machine, on loopback only, and the program itself. */
export type World = {
  dir: string;
  /** The program's instance id: stands on all that it makes on the engine. */
  instance: string;
  github: LocalGitHub;
  /** `null` in a world without it. */
  traefik: RunningTraefik | null;
  docker: Dockerode;
  program: ProgramProcess;
  /** Address of a preview or a commit from its first label: `project-1-a` → `http://project-1-a.kosuke.localhost:<port>`, of Traefik or, without it, of the program. */
  url(hostLabel: string): string;
  /** Asks for an address; hosts of previews through Traefik (without it: at the program), whatever they resolve to. A bare label stands for its `url()`. */
  get(addressOrLabel: string, options?: Omit<GetOptions, 'via'> & { path?: string }): Promise<Answer>;
  /** What the program has on the engine now. */
  remains(): Promise<Remains>;
  /**
   * Stops the program and all around it, removes what they made, and `dir`. Tries all of it, then throws what went wrong; that may also
   * be what the program and GitHub said to each other (`ContractBroken`).
   */
  close(): Promise<void>;
};

/** Of the images that the set-up makes ready. */
export const traefikImage = 'traefik:v3.7.15';
const domain = 'kosuke.localhost';
/** On the Traefik container of a world: its instance. The program takes it for none of its own things. */
export const demoLabel = 'kosuke-demo';

/** Starts all of it, the program last, until it is ready. On failure nothing is left behind. */
export async function startWorld(options: WorldOptions): Promise<World> {
  const { dir, log } = options;
  const docker = new Dockerode();
  const instance = `w${randomBytes(6).toString('hex')}`;
  const dirs = { data: options.settings?.['DATA_DIR'] ?? join(dir, 'data'), dynamic: join(dir, 'traefik'), traefik: join(dir, 'traefik-static'), github: join(dir, 'github') };
  const imageKey = async () => (await openIdentity({ dataDir: dirs.data, instanceId: instance, encryptionKey: null })).instanceKey;
  const closing: Closing = [
    () => rm(dir, { recursive: true, force: true, maxRetries: 3 }),
    async () => removeAllOf(docker, instance, await imageKey()),
  ];
  const close = once(() => closeAll(closing));
  try {
    for (const made of Object.values(dirs)) await mkdir(made, { recursive: true });
    await options.fillDataDir?.(dirs.data);
    const webhookSecret = randomBytes(24).toString('hex');
    const [port = 0] = await freePorts(1);
    const [github, traefik] = await bothOrNone(
      closing,
      startLocalGitHub({
        dir: dirs.github,
        webhook: { url: `http://127.0.0.1:${port}/api/github/webhooks`, secret: webhookSecret },
        checkContract: options.checkContract,
      }),
      (github) => github.close(),
      options.traefik === false
        ? Promise.resolve(null)
        : startTraefik({
            docker,
            image: traefikImage,
            dynamicDir: dirs.dynamic,
            configDir: dirs.traefik,
            port: options.previewPort ?? 0,
            labels: { [demoLabel]: instance },
            instance,
            log,
          }),
      async (traefik) => traefik?.stop(),
    );
    const all: Record<string, string> = {
      // Where Debian and Homebrew have git; nothing else of this process's environment reaches the program.
      PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/opt/homebrew/bin',
      HOME: dir,
      APP_ID: String(github.appId),
      PRIVATE_KEY: github.privateKey,
      WEBHOOK_SECRET: webhookSecret,
      GHE_HOST: github.host,
      GHE_PROTOCOL: 'http',
      HOST: '127.0.0.1',
      PORT: String(port),
      BASE_DOMAIN: domain,
      PUBLIC_URL: `http://127.0.0.1:${port}`,
      ...(traefik === null ? { TRAEFIK_ENABLED: 'false' } : edgeSettings(traefik.port, port, dirs.dynamic)),
      DATA_DIR: dirs.data,
      INSTANCE_ID: instance,
      ...socketOf(docker),
      ...options.settings,
    };
    const env = await divided(all, options.envFile, join(dirs.data, '.env'));
    const program = createProgram({ env, cwd: dirs.data, logFile: join(dir, 'program.log'), detached: options.detached ?? false });
    closing.push(async () => void (await program.stop()));
    await program.start();

    const front = traefik?.port ?? port;
    const url = (hostLabel: string) => `http://${hostLabel}.${domain}:${front}`;
    return {
      dir,
      instance,
      github,
      traefik,
      docker,
      program,
      url,
      get: (addressOrLabel, { path = '', ...rest } = {}) => {
        const address = new URL(path, addressOrLabel.includes('://') ? addressOrLabel : url(addressOrLabel));
        const ofPreview = address.hostname.endsWith(`.${domain}`);
        return get(address.href, { ...rest, ...(ofPreview && { via: { host: '127.0.0.1', port: front } }) });
      },
      remains: async () => remainsOf(docker, instance, await imageKey()),
      close,
    };
  } catch (error) {
    await close().catch((problem: unknown) => log.error({ err: problem }, 'what was started could not all be removed'));
    throw error;
  }
}

function edgeSettings(traefikPort: number, programPort: number, dynamicDir: string) {
  return {
    PREVIEW_SCHEME: 'http',
    PREVIEW_PORT: String(traefikPort),
    TRAEFIK_ENTRYPOINT: 'web',
    TRAEFIK_DYNAMIC_DIR: dynamicDir,
    EDGE_ADDRESS: `127.0.0.1:${traefikPort}`,
    GATE_URL: `http://127.0.0.1:${programPort}`,
  };
}

/** Writes what belongs there to the `.env` file; the rest is the environment. */
async function divided(all: Record<string, string>, envFile: WorldOptions['envFile'], file: string): Promise<Record<string, string>> {
  if (envFile === undefined) return all;
  const inFile = Object.entries(all).filter(([name]) => envFile.names.includes(name));
  const lines = [...inFile, ...Object.entries(envFile.others)].map(([name, value]) => `${name}="${value.replaceAll('\n', '\\n')}"\n`);
  await writeFile(file, lines.join(''), { mode: 0o600 });
  return Object.fromEntries(Object.entries(all).filter(([name]) => !envFile.names.includes(name)));
}

/** What is to be undone, in the order in which it was done. */
type Closing = (() => Promise<void>)[];

async function closeAll(closing: Closing): Promise<void> {
  const problems: unknown[] = [];
  for (const undo of closing.toReversed()) {
    try {
      await undo();
    } catch (error) {
      problems.push(error);
    }
  }
  if (problems.length === 1) throw problems[0];
  if (problems.length > 0) throw new AggregateError(problems, 'the world could not be taken down completely');
}

/** Two starts side by side; each that succeeds is to be undone, also when the other fails. */
async function bothOrNone<A, B>(
  closing: Closing,
  a: Promise<A>,
  undoA: (a: A) => Promise<void>,
  b: Promise<B>,
  undoB: (b: B) => Promise<void>,
): Promise<[A, B]> {
  const noted = async <T>(start: Promise<T>, undo: (started: T) => Promise<void>) => {
    const started = await start;
    closing.push(() => undo(started));
    return started;
  };
  const [first, second] = await Promise.allSettled([noted(a, undoA), noted(b, undoB)]);
  if (first.status === 'rejected') throw first.reason;
  if (second.status === 'rejected') throw second.reason;
  return [first.value, second.value];
}

/** The same engine for the program as for us. */
function socketOf(docker: Dockerode): { DOCKER_HOST?: string } {
  const modem: object = docker.modem;
  return 'socketPath' in modem && typeof modem.socketPath === 'string' ? { DOCKER_HOST: `unix://${modem.socketPath}` } : {};
}

function once(act: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | null = null;
  return () => (done ??= act());
}
