import { collect, type Answer } from './collect.ts';
import { gitEnv, scrub, type Credential } from './env.ts';
import { fetchRefused, gitError, tellsOfDamage, tellsOfLostCommit, tellsOfRefusal } from './failure.ts';
import { discardMirror, ensureMirror, isSound, pin, pinnedCommits, removeStale } from './mirror.ts';

/** `pin`: the name below `refs/kosuke/` under which the commit stays. */
export type FetchRequest = { url: string; token: string; sha: string; pin: string };
export type FetchPlace = { mirror: string; protocols: readonly string[]; limitMs: number };

/**
 * Brings `sha` into the mirror at depth 1 and pins it. Only for the one whose turn it is. A mirror that is damaged (a kill in the
 * middle, a power cut) is thrown away and made anew, once.
 */
export async function fetchCommit(place: FetchPlace, request: FetchRequest, signal: AbortSignal): Promise<void> {
  const first = await attempt(place, request, signal);
  if (first.code === 0) return;
  if (!tellsOfDamage(first.stderr)) throw failure(request, first);
  await discardMirror(place.mirror);
  const second = await attempt(place, request, signal);
  if (second.code !== 0) throw failure(request, second);
}

/** The answer of the command that failed, or of the last one. */
async function attempt(place: FetchPlace, request: FetchRequest, signal: AbortSignal): Promise<Answer> {
  await ensureMirror(place.mirror, request.sha);
  // Only a pin proves that a commit is here with all its files: one whose fetch was killed may be here alone.
  const [pins, sound] = await Promise.all([pinnedCommits(place.mirror), isSound(place.mirror), removeStale(place.mirror)]);
  if (sound && pins.has(request.sha)) {
    await pin(place.mirror, request.pin, request.sha);
    return pinned;
  }
  return await run(place, [...fetchArgs, '--', request.url, `+${request.sha}:refs/kosuke/${request.pin}`], signal, request);
}

const pinned: Answer = { code: 0, stdout: Buffer.alloc(0), stderr: '' };

const fetchArgs = [
  'fetch',
  '--quiet',
  '--depth=1',
  '--no-tags',
  '--no-write-fetch-head',
  '--no-auto-maintenance',
  '--no-recurse-submodules',
  '--refmap=',
];

async function run(place: FetchPlace, args: readonly string[], signal: AbortSignal, credential?: Credential): Promise<Answer> {
  const limits = { signal, ms: place.limitMs, maxBytes: 16 * 1024 * 1024, doing: 'Fetching the commit failed' };
  return await collect(['--git-dir', place.mirror, ...args], gitEnv(place.protocols, credential), limits);
}

function failure(request: FetchRequest, answer: Answer): Error {
  const what = `Commit ${request.sha.slice(0, 7)} could not be fetched`;
  if (tellsOfLostCommit(answer.stderr)) return gitError(what, 'The repository has no such commit any more', { retry: false });
  const why = scrub(answer.stderr, request.token);
  return tellsOfRefusal(answer.stderr) ? fetchRefused(what, why) : gitError(what, why);
}
