import { KosukeError } from '../domain/errors.ts';
import { gitEnv, scrub } from './env.ts';
import { gitError, tellsOfDamage } from './failure.ts';
import type { ReadingPlace } from './objects.ts';
import { startGit } from './run.ts';
import { createSurvey, type Survey } from './survey.ts';

/** What a commit may hold so that it is archived: `bytes` are those of all its files together, `pathBytes` those of one path, `allPathBytes` of all of them. */
export type TreeLimits = { entries: number; bytes: number; pathBytes: number; allPathBytes: number };

export const treeLimits: TreeLimits = { entries: 200_000, bytes: 2 * 1024 ** 3, pathBytes: 4_096, allPathBytes: 32 * 1024 ** 2 };

/**
 * Counts what the commit holds, folders too, while git lists it, and throws `KosukeError` (`too-large`, fault app) as soon as that is more
 * than `limits`: ten objects can make ten million paths, and `git archive` takes them all into memory before it writes a byte.
 * A link's target and a path longer than `pathBytes` are too large, too. Otherwise throws like `archive`; git has ended when this settles. Resolves with what else the list
 * shows.
 */
export async function checkSize(place: ReadingPlace, limits: TreeLimits, signal: AbortSignal): Promise<Survey> {
  signal.throwIfAborted();
  const commit = place.sha.slice(0, 7);
  const git = startGit(['--git-dir', place.mirror, 'ls-tree', '-r', '-t', '-l', '-z', '--full-tree', place.sha], gitEnv([]));
  const total = { entries: 0, bytes: 0, pathBytes: 0 };
  const survey = createSurvey();
  let reason: KosukeError | null = null;
  let rest = '';
  const end = (error: KosukeError): void => {
    reason ??= error;
    git.stop();
  };
  git.stdout.setEncoding('latin1').on('data', (chunk: string) => {
    if (reason !== null) return;
    const records = (rest + chunk).split('\0');
    rest = records.pop() ?? '';
    const excess = rest.length > limits.pathBytes + recordHead ? longPath(limits) : records.map((record) => excessOf(record, total, limits, survey)).find((one) => one !== null);
    if (excess !== undefined) end(tooLarge(commit, excess));
  });
  const timer = setTimeout(() => end(gitError(`Counting the files at ${commit} failed`, `It took longer than ${place.limitMs / 1000} s`)), place.limitMs);
  signal.addEventListener('abort', git.stop, { once: true });
  try {
    const { code, stderr } = await git.ended;
    signal.throwIfAborted();
    if (reason !== null) throw reason;
    if (code === 0) return survey.result();
    if (tellsOfDamage(stderr)) place.onDamage();
    throw gitError(`Reading the files at ${commit} failed`, scrub(stderr));
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', git.stop);
  }
}

/** Mode, kind, id and size stand before the path. */
const recordHead = 120;

/** Adds the entry to `total` and shows it to `survey`; in words what is too much with it, else `null`. */
function excessOf(record: string, total: { entries: number; bytes: number; pathBytes: number }, limits: TreeLimits, survey: ReturnType<typeof createSurvey>): string | null {
  const tab = record.indexOf('\t');
  const [mode = '', , id = '', size = '-'] = record.slice(0, tab).split(/ +/);
  const bytes = size === '-' ? 0 : Number(size);
  total.entries += 1;
  total.bytes += bytes;
  total.pathBytes += record.length - tab - 1;
  if (total.entries > limits.entries) return `it holds more than ${limits.entries.toLocaleString('en')} files and folders`;
  if (total.bytes > limits.bytes) return `its files take more than ${inWords(limits.bytes)}`;
  if (mode === '120000' && bytes > limits.pathBytes) return `the target of a link in it is longer than ${inWords(limits.pathBytes)}`;
  if (record.length - tab - 1 > limits.pathBytes) return longPath(limits);
  if (total.pathBytes > limits.allPathBytes) return `the paths of its files and folders take more than ${inWords(limits.allPathBytes)} together`;
  survey.see({ mode, id, bytes, path: record.slice(tab + 1) });
  return null;
}

function longPath(limits: TreeLimits): string {
  return `a path in it is longer than ${inWords(limits.pathBytes)}`;
}

function inWords(bytes: number): string {
  const unit = bytes >= 1024 ** 3 ? 3 : bytes >= 1024 ** 2 ? 2 : bytes >= 1024 ? 1 : 0;
  return `${Math.floor(bytes / 1024 ** unit)} ${['bytes', 'KiB', 'MiB', 'GiB'][unit]}`;
}

function tooLarge(commit: string, why: string): KosukeError {
  return new KosukeError({
    code: 'too-large',
    fault: 'app',
    what: `The commit ${commit} is too large to be built here`,
    why,
    next: 'Take what the app does not need out of the repository and push.',
  });
}
