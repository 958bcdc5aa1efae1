import { randomBytes, randomInt } from 'node:crypto';
import { chmod, link, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { KosukeError } from '../domain/errors.ts';

export type DataDirLock = {
  /** Listens on `dataDir/kosuke.sock` and has no connection handler yet: add one at once, or callers wait. */
  server: Server;
  /** Gives the directory up: close what it protects before. Open connections are the caller's to end. */
  release(): Promise<void>;
};

/**
 * Makes this process the only one that works in a data directory; `held` when another one does.
 *
 * A contender listens on a socket of its own random name, shows it as `kosuke-<8 hex>.claim`, and only then looks for other claims:
 *
 *     no other claim          → it holds the lock, and puts its socket at `kosuke.sock` for callers
 *     a claim that answers    → it takes its own back; `held`, or both were contenders: again after a random wait
 *     a claim that is refused → its process is dead: removed
 *
 * Of two contenders the later one to show itself sees the other, so two never hold the lock; a dead process, at whatever line, leaves
 * only sockets that refuse. Names are never used twice, so removing a dead one can never hit a live one, which is what goes wrong when
 * processes remove and bind one shared name. Only the holder writes `kosuke.sock`.
 *
 * Throws KosukeError `store` when the directory cannot be used or its path is too long for a socket.
 */
export async function lockDataDir(dataDir: string): Promise<DataDirLock | 'held'> {
  const folder = resolve(dataDir);
  checkLength(folder);
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    for (let round = 0; round < rounds; round += 1) {
      if (await answers(join(folder, address))) return 'held';
      const lock = await contend(folder);
      if (lock !== null) return lock;
      await delay(randomInt(longestWaitMs));
    }
    return 'held';
  } catch (error) {
    throw unusable(folder, error);
  }
}

/** One try: the lock, or `null` when another claim answered. */
async function contend(folder: string): Promise<DataDirLock | null> {
  const name = `kosuke-${randomBytes(4).toString('hex')}`;
  const [draft, claim] = [join(folder, name), join(folder, `${name}.claim`)];
  const server = await listen(draft);
  const giveUp = async () => {
    await rm(claim, { force: true });
    await close(server, draft);
  };
  try {
    // It listens already: a claim that refuses is dead for certain.
    if (!(await shown(draft, claim)) || (await othersAnswer(folder, claim))) {
      await giveUp();
      return null;
    }
    await link(claim, draft);
    await rename(draft, join(folder, address));
  } catch (error) {
    await giveUp();
    throw error;
  }
  return {
    server,
    async release() {
      // The address first: once the claim is gone, the next holder may write its own there.
      await rm(join(folder, address), { force: true });
      await giveUp();
    },
  };
}

async function listen(path: string): Promise<Server> {
  const server = createServer();
  const { promise, resolve: listening, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen(path, listening);
  await promise;
  server.off('error', reject);
  return server;
}

/** Stops listening; resolves before open connections have ended. */
async function close(server: Server, draft: string): Promise<void> {
  server.close();
  await rm(draft, { force: true });
}

/** False when the draft is gone: a holder that was cleaning up took it for a dead one's before it listened. */
async function shown(draft: string, claim: string): Promise<boolean> {
  try {
    await chmod(draft, 0o600);
    await rename(draft, claim);
    return true;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw error;
  }
}

/** Whether another claim is alive. Dead claims and dead drafts are removed. */
async function othersAnswer(folder: string, own: string): Promise<boolean> {
  const names = (await readdir(folder)).filter((name) => ours.test(name));
  const others = names.map((name) => join(folder, name)).filter((path) => path !== own);
  let alive = false;
  for (const path of others) {
    if (!(await answers(path))) await rm(path, { force: true });
    else if (path.endsWith('.claim')) alive = true;
  }
  return alive;
}

/** Whether somebody listens. Only a plain refusal, or nothing there, is a no. */
async function answers(path: string): Promise<boolean> {
  const { promise, resolve: answer } = Promise.withResolvers<boolean>();
  const socket = connect(path);
  socket.once('connect', () => answer(true));
  socket.once('error', (error) => answer(codeOf(error) !== 'ECONNREFUSED' && codeOf(error) !== 'ENOENT'));
  try {
    return await promise;
  } finally {
    socket.destroy();
  }
}

function checkLength(folder: string): void {
  const length = Buffer.byteLength(join(folder, 'kosuke-00000000.claim'));
  if (length <= longestPath) return;
  throw new KosukeError({
    code: 'store',
    fault: 'us',
    what: `The data directory ${folder} cannot hold a socket`,
    why: `its path is ${length - longestPath} bytes longer than sockets allow`,
    next: 'Set DATA_DIR to a shorter path.',
  }, { retry: false });
}

function unusable(folder: string, error: unknown): KosukeError {
  const why = error instanceof Error ? error.message : String(error);
  const next = 'Set DATA_DIR to a directory that this user may write.';
  return new KosukeError({ code: 'store', fault: 'us', what: `The data directory ${folder} cannot be used`, why, next }, { cause: error, retry: false });
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

const address = 'kosuke.sock';
const ours = /^kosuke-[0-9a-f]{8}(?:\.claim)?$/;
const rounds = 20;
const longestWaitMs = 50;
/** Bytes in `sun_path` without the final NUL: 108 on Linux, 104 on macOS and the BSDs. */
const longestPath = process.platform === 'linux' ? 107 : 103;
