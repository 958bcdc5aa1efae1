import { spawn } from 'node:child_process';

/** Nothing of the machine's git configuration reaches the repositories of the local GitHub. */
export const gitEnv = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/opt/homebrew/bin',
  HOME: '/nonexistent',
  LC_ALL: 'C.UTF-8',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_TERMINAL_PROMPT: '0',
  GIT_NO_REPLACE_OBJECTS: '1',
  GIT_OPTIONAL_LOCKS: '0',
};

const timeLimitMs = 60_000;

export class GitError extends Error {
  override name = 'GitError';
  readonly code: number | null;
  constructor(args: string[], code: number | null, stderr: string) {
    super(`git ${args[0] ?? ''} failed (${code ?? 'killed'}): ${stderr.trim().slice(0, 2_000)}`);
    this.code = code;
  }
}

/**
 * Runs git in a bare repository; resolves to its output.
 * @throws GitError when it exits with anything but 0 or takes longer than a minute.
 */
export async function git(dir: string, args: string[], input: Buffer | string = ''): Promise<Buffer> {
  const child = spawn('git', ['--git-dir', dir, ...args], { env: gitEnv, stdio: 'pipe', timeout: timeLimitMs, killSignal: 'SIGKILL' });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
  // A git that ends before it has read its input breaks the pipe; its exit code says what was wrong.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  if (code !== 0) throw new GitError(args, code, Buffer.concat(err).toString());
  return Buffer.concat(out);
}

/** Whether git answers yes (0) or no (1). @throws GitError on anything else. */
export async function gitAsks(dir: string, args: string[]): Promise<boolean> {
  try {
    await git(dir, args);
    return true;
  } catch (error) {
    if (error instanceof GitError && error.code === 1) return false;
    throw error;
  }
}
