import { spawn, spawnSync, type SpawnOptions } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { postgresBin } from '../../../scripts/setup/postgres-bin.mjs';

/** Postgres refuses to run as root: then it is Debian's user for it. `null`: we are nobody special ourselves. */
export const postgresUser = process.getuid?.() === 0 ? idsOf('postgres') : null;

/** Runs one of Postgres's programs to its end. Throws with what it wrote. */
export async function runProgram(name: string, args: string[], cwd: string): Promise<void> {
  const [command, ...words] = asUser(name, args);
  const child = spawn(command!, words, { ...options(cwd), stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`${name} ended with code ${code}: ${said.trim()}`);
}

/** The same, within the call, for the moment in which this process ends. Says nothing and never throws. */
export function runProgramNow(name: string, args: string[], cwd: string): void {
  const [command, ...words] = asUser(name, args);
  spawnSync(command!, words, { ...options(cwd), stdio: 'ignore', timeout: 10_000 });
}

/** Starts one that stays; it ends with this process, however that ends. Its output goes to the file descriptor `log`. */
export function startProgram(name: string, args: string[], cwd: string, log: number) {
  const [command, ...words] = asUser(name, args, ['--pdeathsig', 'QUIT']);
  return spawn(command!, words, { ...options(cwd), stdio: ['ignore', log, log] });
}

/** util-linux's `setpriv` becomes the program: the process that is started is Postgres itself. */
function asUser(name: string, args: string[], more: string[] = []): string[] {
  const bin = postgresBin();
  if (bin === undefined) throw new Error('There are no programs of Postgres here: `npm run setup` installs them.');
  const program = [join(bin, name), ...args];
  if (process.platform !== 'linux') return program;
  const user = postgresUser === null ? [] : [`--reuid=${postgresUser.uid}`, `--regid=${postgresUser.gid}`, '--clear-groups'];
  return ['setpriv', ...user, ...more, '--', ...program];
}

function options(cwd: string): SpawnOptions {
  return { cwd, env: { PATH: process.env['PATH'], LC_ALL: 'C.UTF-8' } };
}

function idsOf(user: string): { uid: number; gid: number } {
  const line = readFileSync('/etc/passwd', 'utf8').split('\n').find((each) => each.startsWith(`${user}:`));
  const [, , uid, gid] = line?.split(':') ?? [];
  if (uid === undefined || gid === undefined) throw new Error(`there is no user ${user}: \`npm run setup\` installs Debian's package with it`);
  return { uid: Number(uid), gid: Number(gid) };
}
