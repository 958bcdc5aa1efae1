import { KosukeError } from '../domain/errors.ts';
import type { Progress } from './progress.ts';

/**
 * Why a build ended without an image. `message` is what the engine said last. A registry that cannot be reached, a full disk or a network that the engine cannot give a step
 * is ours (`engine`), all else the repository's (`build-failed`).
 */
export function buildFailure(message: string, progress: Progress): KosukeError {
  const failed = progress.failure();
  const error = failed?.error ?? message;
  if (oursPattern.test(error) && !exitPattern.test(error)) return engineFailure(plain(error));
  const step = (failed?.step ?? '').replace(/^\[internal\] load metadata for /, 'FROM ');
  return new KosukeError({
    code: 'build-failed',
    fault: 'app',
    what: step === '' ? 'The build failed' : `The build failed at ${step}`,
    why: plain(error),
    next: 'Fix it and push; the log shows every step.',
    logTail: progress.tail().join('\n'),
  });
}

/** The engine did not do its part: unreachable, broken off, or without what the build needs. */
export function engineFailure(why: string, cause?: unknown): KosukeError {
  return new KosukeError(
    {
      code: 'engine',
      fault: 'us',
      what: 'The Docker Engine could not finish the build',
      why,
      next: 'It is tried again by itself. If it stays so, look whether the engine runs, reaches its registries and has room on its disk.',
    },
    { cause },
  );
}

export function buildTimeout(timeoutMs: number, tail: string[]): KosukeError {
  const limit = timeoutMs >= 120_000 ? `${Math.round(timeoutMs / 60_000)} minutes` : `${Math.round(timeoutMs / 1000)} seconds`;
  return new KosukeError({
    code: 'build-timeout',
    fault: 'app',
    what: `The build took longer than ${limit}`,
    why: 'It was stopped at the limit that the operator of this server has set (BUILD_TIMEOUT)',
    next: 'Make the build quicker, e.g. by copying lock files and installing dependencies before the rest, or ask the operator.',
    logTail: tail.join('\n'),
  });
}

const exitPattern = /exit code: (\d+)/;
const oursPattern =
  /no space left on device|dial tcp|i\/o timeout|TLS handshake|connection (?:refused|reset)|no such host|toomanyrequests|429 Too Many|50[0-4] |libnetwork|unexpected EOF|no active session|failed to create endpoint|could not find bridge/i;

/** BuildKit's words without the frames that its layers put around them. */
function plain(error: string): string {
  const exit = exitPattern.exec(error);
  if (exit) return `The command ended with exit code ${exit[1]}${exit[1] === '137' ? ', which mostly means that it ran out of memory' : ''}`;
  return error.replaceAll(/(?:failed to solve(?: with frontend [\w.]+)?|failed to create LLB definition|rpc error: code = \w+ desc = \w*|failed to build LLB): ?/g, '').trim();
}
