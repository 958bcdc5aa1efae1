import { PassThrough, type Readable } from 'node:stream';
import { gitEnv, scrub } from './env.ts';
import { gitError, tellsOfDamage } from './failure.ts';
import type { ReadingPlace } from './objects.ts';
import { startGit } from './run.ts';

/**
 * The files of the commit as a plain tar. It ends only when git has said that it is whole; otherwise it is destroyed with a
 * `KosukeError` (code `git`), or with the signal's reason. Destroying it ends git.
 */
export function archive(place: ReadingPlace, signal: AbortSignal): Readable {
  const out = new PassThrough();
  // Whoever reads it sees the error; until somebody does, it must not end the program.
  out.on('error', () => undefined);
  if (signal.aborted) return out.destroy(signal.reason as Error);
  const what = `Reading the files at ${place.sha.slice(0, 7)} failed`;
  const git = startGit(['--git-dir', place.mirror, 'archive', '--format=tar', place.sha], gitEnv([]));
  const timer = setTimeout(() => out.destroy(gitError(what, `It took longer than ${place.limitMs / 1000} s`)), place.limitMs);
  const onAbort = (): void => void out.destroy(signal.reason as Error);
  signal.addEventListener('abort', onAbort, { once: true });
  git.stdout.pipe(out, { end: false });
  out.once('close', () => {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
    git.stdout.destroy();
    git.stop();
  });
  git.ended.then(
    ({ code, stderr }) => {
      if (code === 0) return out.end();
      if (tellsOfDamage(stderr)) place.onDamage();
      return out.destroy(gitError(what, scrub(stderr)));
    },
    (error: Error) => out.destroy(error),
  );
  return out;
}
