import { gitError } from './failure.ts';
import { startGit } from './run.ts';

export type Answer = { code: number | null; stdout: Buffer; stderr: string };

/**
 * Runs git to its end and gathers its output (at most `maxBytes`, more is an error). Over `limitMs`: `KosukeError` `git`; an aborted
 * signal: its reason. Either way git has ended when this settles.
 */
export async function collect(
  args: readonly string[],
  env: Record<string, string>,
  limits: { signal: AbortSignal; ms: number; maxBytes: number; doing: string },
): Promise<Answer> {
  limits.signal.throwIfAborted();
  const git = startGit(args, env);
  const chunks: Buffer[] = [];
  let length = 0;
  let cut: 'late' | 'large' | null = null;
  git.stdout.on('data', (chunk: Buffer) => {
    length += chunk.length;
    if (length <= limits.maxBytes) chunks.push(chunk);
    else {
      cut ??= 'large';
      git.stop();
    }
  });
  const timer = setTimeout(() => {
    cut ??= 'late';
    git.stop();
  }, limits.ms);
  limits.signal.addEventListener('abort', git.stop, { once: true });
  try {
    const { code, stderr } = await git.ended;
    limits.signal.throwIfAborted();
    if (cut === 'late') throw gitError(limits.doing, `It took longer than ${limits.ms / 1000} s`);
    if (cut === 'large') throw gitError(limits.doing, `It is larger than ${limits.maxBytes / 1024} KiB`, { retry: false });
    return { code, stdout: Buffer.concat(chunks), stderr };
  } finally {
    clearTimeout(timer);
    limits.signal.removeEventListener('abort', git.stop);
  }
}
