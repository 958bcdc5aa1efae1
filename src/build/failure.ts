import { instructionOfStep } from '../domain/dockerfile-line.ts';
import { KosukeError } from '../domain/errors.ts';
import type { UnreadFeature } from '../domain/frontend-features.ts';
import { blameFor, kindOf } from './blame.ts';
import { asksForGit, withoutGit } from './git-in-build.ts';
import { ownWords } from './own-words.ts';
import type { Progress } from './progress.ts';

/** A build that ended without an image, as BuildKit tells it; `failureIn` puts it into words. */
export class BuildBroken extends Error {
  override readonly name = 'BuildBroken';
  /** The step that broke it as the log names it, and as BuildKit does; both empty where none did. */
  readonly step: string;
  readonly vertex: string;
  /** The end of its output. */
  readonly tail: readonly string[];

  constructor(message: string, { step, vertex, tail }: { step: string; vertex: string; tail: readonly string[] }) {
    super(message);
    this.step = step;
    this.vertex = vertex;
    this.tail = tail;
  }
}

/** `message` is what the engine said last; what the step that failed said is nearer to the cause. */
export function buildFailure(message: string, progress: Progress): BuildBroken {
  const failed = progress.failure();
  return new BuildBroken(failed?.error ?? message, { step: failed?.step ?? '', vertex: failed?.vertex ?? '', tail: progress.tail() });
}

/**
 * Why a build of this Dockerfile ended without an image, and whose doing it is (`blame.ts`): code `engine` or `build-failed`. The line of the Dockerfile is named where it is
 * clear.
 */
export function failureIn({ message: error, step, vertex, tail }: BuildBroken, dockerfile: string): KosukeError {
  if (blameFor(kindOf(vertex), error) === 'us') return engineFailure(plain(error));
  const instruction = instructionOfStep(dockerfile, vertex);
  const shown = /^[a-z]+:\/\//.test(step) && instruction !== null ? cut(instruction.text) : step.replace(/^\[internal\] load metadata for /, 'FROM ');
  const line = instruction === null ? '' : ` (line ${instruction.from} of the Dockerfile)`;
  const failure = {
    code: 'build-failed',
    fault: 'app',
    what: shown === '' ? 'The build failed' : `The build failed at ${shown}${line}`,
    why: plain(error),
    next: 'Fix it and push; the log shows every step.',
    logTail: tail.join('\n'),
  } as const;
  return new KosukeError(withoutGit(failure, asksForGit({ vertex, error, tail, exitCode: exitCode(error) })));
}

/**
 * The engine's own frontend does not read what newer ones do. Where an engine does: the operator's to mend (code `engine-too-old`). Where none does: the Dockerfile asks for a
 * frontend that is not used here.
 */
export function unreadFailure({ name, syntax, engine, line, text }: UnreadFeature, engineVersion: string): KosukeError {
  const where = `line ${line} of the Dockerfile is "${cut(text)}"`;
  if (engine === null) {
    return new KosukeError({
      code: 'build-failed',
      fault: 'app',
      what: `No Docker Engine reads ${name} by itself`,
      why: `${where}, which only docker/dockerfile:${syntax} reads, and this server builds with the Dockerfile frontend of its Docker Engine`,
      next: `Do without ${name} and push.`,
    });
  }
  return new KosukeError({
    code: 'engine-too-old',
    fault: 'us',
    what: `This server's Docker Engine ${engineVersion.replace(/[+~].*/, '')} is too old for ${name}`,
    why: `${where}; Docker Engine reads that from version ${engine} on (Dockerfile syntax ${syntax})`,
    next: `The operator of this server updates Docker to ${engine} or newer: then it is built by itself. Until then, do without ${name} and push.`,
    engineVersion,
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

function cut(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200).toWellFormed()}…` : text;
}

/** BuildKit's words without the frames that its layers put around them, and without folders of the engine. */
function plain(error: string): string {
  const exit = exitCode(error);
  if (exit !== null) return `The command ended with exit code ${exit}${exit === 137 ? ', which mostly means that it ran out of memory' : ''}`;
  return error.replaceAll(frames, '').replace(/not found: not found$/, 'not found').replaceAll(/\/var\/lib\/docker\/(?:tmp\/buildkit-mount\d+|overlay2\/\w+\/(?:merged|diff))/g, '').trim();
}

/** Whether a command of the Dockerfile was not let at a file. */
export function wasDenied({ message, vertex, tail }: BuildBroken): boolean {
  const code = exitCode(message);
  return /^\[[^\]]*\] RUN /i.test(vertex) && code !== null && (code === 126 || tail.some((line) => /permission denied/i.test(line)));
}

/** How the command of a step ended; `null` where that is not what broke it. */
function exitCode(error: string): number | null {
  const last = /^.*exit code: (\d+)/s.exec(ownWords(error));
  return last === null ? null : Number(last[1]);
}

const frames =
  /(?:failed to solve(?: with frontend [\w.]+)?|failed to create LLB definition|rpc error: code = \w+ desc = \w*|failed to build LLB|failed to calculate checksum of ref \S+|failed to compute cache key|failed to load cache key): ?/g;
