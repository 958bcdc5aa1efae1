/**
 * Failures are data: what failed, on what, why, and what to do next, so that a comment, a page, the terminal and JSON can each
 * put the same thing into words.
 */
export type FailureCode =
  | 'no-dockerfile'
  | 'build-failed'
  | 'build-timeout'
  | 'syntax-directive'
  | 'reserved-labels'
  | 'exited'
  | 'not-ready'
  | 'wrong-port'
  | 'crashed'
  | 'edge'
  | 'engine'
  | 'git'
  | 'github'
  | 'store'
  | 'internal';

/** Whose doing: `app` is the repository's (GitHub status `failure`), `us` is ours (`error`, tried again). */
export type Fault = 'app' | 'us';

export type Failure = {
  code: FailureCode;
  fault: Fault;
  /** One sentence without a full stop, e.g. `The build failed at step 4/7: RUN npm run build`. */
  what: string;
  /** Why, as far as known; may be empty. */
  why: string;
  /** What a person can do next; may be empty when nothing is needed of them. */
  next: string;
  /** The last lines of the log that shows it, raw: who shows it makes it inert. */
  logTail?: string;
};

/** Thrown by adapters and steps. `retry` tells whether trying the same again can help. */
export class KosukeError extends Error {
  override readonly name = 'KosukeError';
  readonly failure: Failure;
  readonly retry: boolean;

  constructor(failure: Failure, options: { cause?: unknown; retry?: boolean } = {}) {
    super(failure.why === '' ? failure.what : `${failure.what}: ${failure.why}`, { cause: options.cause });
    this.failure = failure;
    this.retry = options.retry ?? failure.fault === 'us';
  }
}

/** The failure that an unknown thrown value stands for: its own when it is ours, else an `internal` one of ours. */
export function failureOf(error: unknown, doing: string): Failure {
  if (error instanceof KosukeError) return error.failure;
  const why = error instanceof Error ? error.message : String(error);
  return { code: 'internal', fault: 'us', what: `Something went wrong while ${doing}`, why, next: 'It is tried again by itself.' };
}

/** A failure for a terminal: `Another program works in data: one directory belongs to one program. Stop the other one.` */
export function failureSentence({ what, why, next }: Failure): string {
  return `${why === '' ? what : `${what}: ${why}`}.${next === '' ? '' : ` ${next}`}`;
}
