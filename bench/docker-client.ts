import { execFile } from 'node:child_process';
import { access, constants, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

/** The command `docker` that the plain script uses, with what its builds need in the environment. */
export type DockerClient = { command: string; env: Record<string, string>; builder: 'BuildKit' | 'classic builder' };

/**
 * The first `docker` on the PATH that builds with BuildKit, as every one does that Docker ships (Debian's own needs to be asked to, and one
 * without its buildx component cannot); where none does, the first one, with the classic builder.
 * @throws Error when there is none at all.
 */
export async function dockerClient(): Promise<DockerClient> {
  const commands = await onPath('docker');
  for (const command of commands) {
    if (await builds(command, { DOCKER_BUILDKIT: '1' })) return { command, env: { DOCKER_BUILDKIT: '1' }, builder: 'BuildKit' };
  }
  const [first] = commands;
  if (first === undefined) throw new Error('the plain script needs the command docker: install docker-cli (docker.io on Debian)');
  return { command: first, env: { DOCKER_BUILDKIT: '0' }, builder: 'classic builder' };
}

async function onPath(name: string): Promise<string[]> {
  const found: string[] = [];
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const path = join(folder, name);
    if (await access(path, constants.X_OK).then(() => true, () => false)) found.push(path);
  }
  return found;
}

/** Tries it on the smallest image there is. */
async function builds(command: string, env: Record<string, string>): Promise<boolean> {
  const directory = await mkdtemp(join(tmpdir(), 'kosuke-bench-'));
  try {
    await writeFile(join(directory, 'Dockerfile'), 'FROM scratch\nCOPY Dockerfile /\n');
    const run = (...args: string[]) => promisify(execFile)(command, args, { env: { ...process.env, ...env }, timeout: 60_000 });
    const { stdout } = await run('build', '--quiet', directory);
    await run('image', 'rm', stdout.trim());
    return true;
  } catch {
    return false;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
