import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type Dockerode from 'dockerode';
import type { DockerClient } from './docker-client.ts';
import { freePorts } from '../src/demo/traefik.ts';

/** One run of `plain-script.sh`: `ms` from its start until its app answered; `steps`: when each step was over, from the start. */
export type ScriptRun = { ms: number; steps: Record<string, number> };

export type ScriptSide = {
  deploy(wished: { cloneUrl: string; branch: string; text: string }): Promise<ScriptRun>;
  /** Removes all that the runs made. */
  cleanUp(): Promise<void>;
};

/** The plain script on this machine's engine; its runs are numbered, so that each has names of its own. */
export function createScriptSide(docker: Dockerode, client: DockerClient): ScriptSide {
  const mark = `kosuke-bench-${process.pid}`;
  const images: string[] = [];
  let runs = 0;
  return {
    async deploy({ cloneUrl, branch, text }) {
      runs += 1;
      const name = `${mark}-${runs}`;
      images.push(name);
      const directory = await mkdtemp(join(tmpdir(), 'kosuke-bench-'));
      const [port = 0] = await freePorts(1);
      try {
        const args = [client.command, cloneUrl, branch, join(directory, 'clone'), name, String(port), text];
        return await run(args, client.env);
      } finally {
        await rm(directory, { recursive: true, force: true });
      }
    },
    async cleanUp() {
      const filters = { label: ['kosuke-bench=plain-script'] };
      const containers = (await docker.listContainers({ all: true, filters })).filter(({ Names }) => Names.some((name) => name.startsWith(`/${mark}-`)));
      const removed = await Promise.allSettled(containers.map(({ Id }) => docker.getContainer(Id).remove({ force: true, v: true })));
      const networks = (await docker.listNetworks({ filters })).filter(({ Name }) => Name.startsWith(`${mark}-`));
      removed.push(...(await Promise.allSettled(networks.map(({ Id }) => docker.getNetwork(Id).remove()))));
      // One after the other: names of one image that go at the same time are refused (engine 20.10).
      for (const name of images.splice(0)) removed.push(...(await Promise.allSettled([docker.getImage(name).remove({ force: true }).catch(ignoreMissing)])));
      const problems = removed.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
      if (problems.length > 0) throw new AggregateError(problems, 'not all that the plain script made could be removed');
    },
  };
}

async function run(args: readonly string[], env: Record<string, string>): Promise<ScriptRun> {
  const began = performance.timeOrigin + performance.now();
  const child = spawn(script, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  // Its clients are in its group, and would go on without it.
  const late = setTimeout(() => process.kill(-child.pid!, 'SIGKILL'), limitMs);
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    said = (said + chunk).slice(-2_000);
  });
  const steps: Record<string, number> = {};
  createInterface({ input: child.stdout }).on('line', (line) => {
    const [step = '', seconds] = line.split(' ');
    steps[step] = Number(seconds) * 1000 - began;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  clearTimeout(late);
  const ms = steps['answers'];
  if (code !== 0 || ms === undefined) throw new Error(`the plain script ended with ${code}: ${said}`);
  return { ms, steps };
}

function ignoreMissing(error: unknown): void {
  if (!(error instanceof Error && 'statusCode' in error && error.statusCode === 404)) throw error;
}

const script = fileURLToPath(new URL('plain-script.sh', import.meta.url));
const limitMs = 120_000;
