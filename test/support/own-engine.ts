import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { randomBytes, randomInt } from 'node:crypto';
import { closeSync, existsSync, openSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import Dockerode from 'dockerode';
import { eventually } from './eventually.ts';

/** A Docker Engine of this test alone, that may be stopped and killed while those of others go on. */
export type OwnEngine = {
  /** For DOCKER_HOST. */
  address: string;
  docker: Dockerode;
  /** SIGTERM, as `systemctl stop docker` does: its containers end, too. */
  stop(): Promise<void>;
  /** SIGKILL of the daemon and its containerd. */
  kill(): Promise<void>;
  /** Starts it again over the same data; resolves when it answers. */
  start(): Promise<void>;
  /** Stops it and removes its data. */
  close(): Promise<void>;
};

/** Starts one with these images of the usual engine. Needs root. It leaves the firewall alone, which belongs to the other engine. */
export async function startOwnEngine(images: readonly string[]): Promise<OwnEngine> {
  const dir = await mkdtemp(join(tmpdir(), 'kosuke-engine-'));
  const socketPath = join(dir, 'sock');
  const docker = new Dockerode({ socketPath });
  const usual = new Dockerode();
  let daemon: ChildProcess | null = null;
  // Its builds need a bridge, which only the other engine can make here.
  const bridge = `kosuke-${randomBytes(3).toString('hex')}`;
  const subnet = `10.${200 + randomInt(30)}.${randomInt(256)}.0/24`;
  const network = await usual.createNetwork({ Name: bridge, Options: { 'com.docker.network.bridge.name': bridge }, IPAM: { Driver: 'default', Config: [{ Subnet: subnet }] } });

  const start = async () => {
    const [data, exec, pidfile] = ['data', 'exec', 'pid'].map((name) => join(dir, name)) as [string, string, string];
    // A killed one leaves its file, and by then the number may be another process's.
    await rm(pidfile, { force: true });
    const args = ['--data-root', data, '--exec-root', exec, '--pidfile', pidfile, '--host', `unix://${socketPath}`, `--bridge=${bridge}`, '--iptables=false', '--ip6tables=false'];
    const log = openSync(join(dir, 'log'), 'a');
    const child = spawn('dockerd', args, { cwd: '/', detached: true, stdio: ['ignore', log, log] });
    closeSync(log);
    // Its own children may outlive it for a moment; nobody waits for them.
    child.unref();
    daemon = child;
    process.once('exit', () => child.kill('SIGTERM'));
    await eventually('the engine of this test answers', async () => {
      if (child.exitCode !== null) throw new Error(`it ended: ${(await readFile(join(dir, 'log'), 'utf8')).slice(-2_000)}`);
      return (await Promise.race([docker.ping(), setTimeout(1_000)]))?.toString() === 'OK';
    }, { within: 30_000 });
  };
  const end = async (signal: NodeJS.Signals) => {
    const child = daemon;
    daemon = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const over = once(child, 'exit');
    child.kill(signal);
    const late = globalThis.setTimeout(() => child.kill('SIGKILL'), stopLimitMs);
    await over;
    clearTimeout(late);
  };
  const close = async () => {
    // What a killed daemon left running ends with an orderly one.
    if (daemon === null && existsSync(join(dir, 'data'))) await start();
    await end('SIGTERM');
    await unmountAll(dir);
    await network.remove();
    await rm(dir, { recursive: true, force: true, maxRetries: 3 });
  };
  try {
    await start();
    const loaded = await docker.loadImage(await usual.getImage(images[0]!).get(), {});
    await drained(loaded);
    for (const image of images.slice(1)) await drained(await docker.loadImage(await usual.getImage(image).get(), {}));
  } catch (error) {
    await close();
    throw error;
  }
  /** The containerd that it started ends with it, as both do when a machine loses its power; the containers themselves run on. */
  const kill = async () => {
    const file = join(dir, 'exec', 'containerd', 'containerd.pid');
    const containerd = Number(await readFile(file, 'utf8'));
    await end('SIGKILL');
    process.kill(containerd, 'SIGKILL');
    // Until somebody reaps it, it would be taken for one that runs.
    await rm(file);
  };
  return { address: `unix://${socketPath}`, docker, start, stop: () => end('SIGTERM'), kill, close };
}

/** One kernel has both engines, and what another run may have left: a range for previews that nobody has. */
export function subnetsOfOwnEngine(): string {
  return `10.${randomInt(233, 255)}.${randomInt(16) * 16}.0/20`;
}

/** What a daemon leaves mounted below its folders, above all one that was killed. */
async function unmountAll(dir: string): Promise<void> {
  const mounted = (await readFile('/proc/self/mounts', 'utf8')).split('\n').map((line) => line.split(' ')[1] ?? '');
  for (const path of mounted.filter((one) => one.startsWith(`${dir}/`)).toReversed()) await promisify(execFile)('umount', ['--lazy', path]);
}

const stopLimitMs = 20_000;

async function drained(stream: NodeJS.ReadableStream): Promise<void> {
  stream.resume();
  await once(stream, 'end');
}
