import { KosukeError } from '../domain/errors.ts';

/** A failure on Traefik's side, which is ours and worth another try. `what` is a sentence without a full stop. */
export function edgeError(what: string, cause: unknown): KosukeError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new KosukeError(
    { code: 'edge', fault: 'us', what, why, next: "It is tried again by itself. Check that the program may write Traefik's dynamic directory." },
    { cause },
  );
}
