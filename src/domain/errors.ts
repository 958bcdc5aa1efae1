import { hideCredentials } from './credentials.ts';

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
  | 'too-large'
  | 'too-many-ports'
  | 'exited'
  | 'not-ready'
  | 'wrong-port'
  | 'crashed'
  | 'edge'
  | 'port-taken'
  | 'network-gone'
  | 'disk-full'
  | 'engine'
  | 'engine-too-old'
  | 'image-gone'
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
  /** Of an engine that is too old for what a build asks for: its version. The same is tried again when the engine has another one. */
  engineVersion?: string;
};

/**
 * Thrown by adapters and steps. `retry` tells whether trying the same again can help. Others may have made the texts: credentials in them are
 * hidden, and they are cut, `what`, `why` and `next` to their first 2,000 characters, `logTail` to its last 16 KiB.
 */
export class KosukeError extends Error {
  override readonly name = 'KosukeError';
  readonly failure: Failure;
  readonly retry: boolean;
  /** Trying again before this time is in vain. */
  readonly notBefore: Date | null;

  constructor(failure: Failure, options: { cause?: unknown; retry?: boolean; notBefore?: Date } = {}) {
    const bounded = boundedFailure(failure);
    super(bounded.why === '' ? bounded.what : `${bounded.what}: ${bounded.why}`, { cause: options.cause });
    this.failure = bounded;
    this.retry = options.retry ?? failure.fault === 'us';
    this.notBefore = options.notBefore ?? null;
  }
}

/** The failure that an unknown thrown value stands for: its own when it is ours, else an `internal` one of ours. */
export function failureOf(error: unknown, doing: string): Failure {
  if (error instanceof KosukeError) return error.failure;
  const why = error instanceof Error ? error.message : String(error);
  return boundedFailure({ code: 'internal', fault: 'us', what: `Something went wrong while ${doing}`, why, next: 'It is tried again by itself.' });
}

/** A failure for a terminal: `Another program works in data: one directory belongs to one program. Stop the other one.` */
export function failureSentence({ what, why, next }: Failure): string {
  return `${why === '' ? what : `${what}: ${why}`}.${next === '' ? '' : ` ${next}`}`;
}

function boundedFailure(failure: Failure): Failure {
  const texts = { what: beginning(failure.what), why: beginning(failure.why), next: beginning(failure.next) };
  return { ...failure, ...texts, ...(failure.logTail === undefined ? {} : { logTail: ending(failure.logTail) }) };
}

const longestText = 2_000;
const longestTail = 16 * 1024;

function beginning(whole: string): string {
  const text = hideCredentials(whole);
  return (text.length > longestText ? `${text.slice(0, longestText - 1)}…` : text).toWellFormed();
}

/** At most 16 KiB of UTF-8, beginning with a whole character. */
function ending(text: string): string {
  const bytes = Buffer.from(hideCredentials(text).slice(-longestTail));
  let from = Math.max(0, bytes.length - longestTail);
  while (from < bytes.length && (bytes[from]! & 0xc0) === 0x80) from += 1;
  return bytes.toString('utf8', from);
}
