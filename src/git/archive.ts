import { PassThrough, type Readable } from 'node:stream';
import { gitEnv, scrub } from './env.ts';
import { gitError, tellsOfDamage } from './failure.ts';
import type { ReadingPlace } from './objects.ts';
import { startGit } from './run.ts';

/**
 * The files of the commit as a plain tar. It ends only when git has said that it is whole; otherwise it is destroyed with a
 * `KosukeError` (`git`), with what `checkSize` rejects with, or with the signal's reason. Destroying it ends git.
 */
export function archive(place: ReadingPlace, checkSize: (signal: AbortSignal) => Promise<unknown>, signal: AbortSignal): Readable {
  const out = new PassThrough();
  // Whoever reads it sees the error; until somebody does, it must not end the program.
  out.on('error', () => undefined);
  const closed = new AbortController();
  const onAbort = (): void => void out.destroy(signal.reason as Error);
  signal.addEventListener('abort', onAbort, { once: true });
  out.once('close', () => {
    signal.removeEventListener('abort', onAbort);
    closed.abort();
  });
  if (signal.aborted) onAbort();
  checkSize(closed.signal).then(
    () => (out.destroyed ? undefined : pour(place, out)),
    (error: Error) => out.destroy(error),
  );
  return out;
}

function pour(place: ReadingPlace, out: PassThrough): void {
  const what = `Reading the files at ${place.sha.slice(0, 7)} failed`;
  const git = startGit(['--git-dir', place.mirror, 'archive', '--format=tar', place.sha], gitEnv([]));
  const timer = setTimeout(() => out.destroy(gitError(what, `It took longer than ${place.limitMs / 1000} s`)), place.limitMs);
  git.stdout.pipe(out, { end: false });
  out.once('close', () => {
    clearTimeout(timer);
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
}
