import { KosukeError } from '../domain/errors.ts';
import { collect, type Answer } from './collect.ts';
import { gitEnv, scrub } from './env.ts';
import { gitError, tellsOfDamage } from './failure.ts';

/** Where to read: a mirror, a commit in it, the time limit of one command, and whom to tell when the mirror turns out damaged. */
export type ReadingPlace = { mirror: string; sha: string; limitMs: number; onDamage: () => void };

/**
 * Content of the regular file at `path`, `null` when there is none: a link is not one. Over 1 MiB is a `KosukeError` `too-large` (fault
 * app), found out before git takes it into memory.
 */
export async function readFile(place: ReadingPlace, path: string, signal: AbortSignal): Promise<Buffer | null> {
  const entry = await entryAt(place, path, signal);
  if (entry === null || !entry.mode.startsWith('100')) return null;
  if (entry.bytes > fileLimit) throw tooLarge(path, place.sha);
  return (await read(place, `Reading ${path}`, ['cat-file', 'blob', entry.object], signal)).stdout;
}

/** git's hash of the tree at `path` (`''`: the root), `null` when there is none. */
export async function treeHash(place: ReadingPlace, path: string, signal: AbortSignal): Promise<string | null> {
  if (path === '') {
    const answer = await read(place, 'Reading the tree', ['rev-parse', '--verify', '--end-of-options', `${place.sha}^{tree}`], signal);
    return answer.stdout.toString().trim();
  }
  const entry = await entryAt(place, path, signal);
  return entry?.mode === '040000' ? entry.object : null;
}

async function entryAt(place: ReadingPlace, path: string, signal: AbortSignal): Promise<{ mode: string; object: string; bytes: number } | null> {
  if (path.includes('\0') || path.split('/').some((part) => part === '' || part === '.' || part === '..')) return null;
  const answer = await read(place, `Looking for ${path}`, ['ls-tree', '-l', '-z', '--full-tree', place.sha, '--', path], signal);
  const match = /^(\d{6}) \w+ ([0-9a-f]+) +(\d+|-)\t[^\0]*\0$/.exec(answer.stdout.toString());
  return match === null ? null : { mode: match[1]!, object: match[2]!, bytes: match[3] === '-' ? 0 : Number(match[3]) };
}

async function read(place: ReadingPlace, what: string, args: string[], signal: AbortSignal): Promise<Answer> {
  const doing = `${what} at ${place.sha.slice(0, 7)} failed`;
  const limits = { signal, ms: place.limitMs, maxBytes: fileLimit, doing };
  const answer = await collect(['--git-dir', place.mirror, ...args], gitEnv([]), limits);
  if (answer.code === 0) return answer;
  if (tellsOfDamage(answer.stderr)) place.onDamage();
  throw gitError(doing, scrub(answer.stderr));
}

function tooLarge(path: string, sha: string): KosukeError {
  return new KosukeError({
    code: 'too-large',
    fault: 'app',
    what: `The file ${path} at ${sha.slice(0, 7)} is too large`,
    why: 'it is larger than 1 MiB',
    next: `Make ${path} smaller and push.`,
  });
}

const fileLimit = 1024 * 1024;
