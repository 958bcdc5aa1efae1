import type { CommitFiles, FileAt } from '../reconcile/ports/git.ts';
import { openObjects, type Objects } from './batch.ts';
import { gitError } from './failure.ts';
import { find, LinkNotFollowed } from './follow.ts';
import { lfsPointers } from './lfs.ts';
import type { Survey } from './survey.ts';
import { tooLarge, treeOf } from './tree.ts';

/** Where to read: a mirror, a commit in it, the time limit of one command, and whom to tell when the mirror turns out damaged. */
export type ReadingPlace = { mirror: string; sha: string; limitMs: number; onDamage: () => void };

/**
 * What is read of a commit before it is built, by one git process. `surveying`: the listing that goes on beside it; `null`, where it is too large, leaves submodules and pointers
 * unknown. A file over 1 MiB and a folder over 8 MiB are a `KosukeError` `too-large` (fault app), a link that cannot be followed one of `build-failed` (app), unless it is among
 * alternatives; anything that cannot be read is one of `git`.
 */
export async function readFiles(place: ReadingPlace, paths: readonly (string | readonly string[])[], surveying: Promise<Survey | null>, signal: AbortSignal): Promise<CommitFiles> {
  const objects = openObjects(place, signal);
  try {
    const { tree, committedAt } = await commitOf(objects, place);
    const top = await treeOf(objects, tree, place.sha);
    if (top === null) throw notThere(place);
    const files = new Map<string, FileAt>();
    const passedOver: string[] = [];
    for (const path of paths) {
      if (typeof path === 'string') files.set(path, await fileAt(objects, top.content, path, place));
      else passedOver.push(...(await firstFile(objects, top.content, path, place, files)));
    }
    const survey = await surveying;
    const { found, unread } = survey === null ? { found: [], unread: 0 } : await lfsPointers(objects, survey);
    return { tree, committedAt, files, passedOver, submodules: survey?.submodules ?? [], lfsPointers: found, lfsUnread: unread };
  } finally {
    await objects.close();
  }
}

/** Of a commit object: its header lines, an empty line, the message. */
async function commitOf(objects: Objects, place: ReadingPlace): Promise<{ tree: string; committedAt: number }> {
  const commit = await objects.read(place.sha, 'commit', commitLimit);
  if (commit === 'too-large') throw tooLarge(`The commit ${place.sha.slice(0, 7)}`, 'its message is larger than 8 MiB');
  if (commit === null) throw notThere(place);
  const [head = ''] = commit.content.toString('latin1').split('\n\n', 1);
  const tree = /^tree ([0-9a-f]+)$/m.exec(head)?.[1];
  if (tree === undefined) throw notThere(place);
  return { tree, committedAt: Number(/^committer .* (\d{1,12}) [+-]\d+$/m.exec(head)?.[1] ?? 0) };
}

/** Only a commit that is pinned is read: a pin without its commit is what a power cut leaves. */
function notThere(place: ReadingPlace): Error {
  place.onDamage();
  return gitError(`Reading the tree at ${place.sha.slice(0, 7)} failed`, 'The commit is not there');
}

/** Puts what is there into `files`, up to the first that is a file; returns what was passed over. */
async function firstFile(objects: Objects, top: Buffer, paths: readonly string[], place: ReadingPlace, files: Map<string, FileAt>): Promise<string[]> {
  const passedOver: string[] = [];
  for (const path of paths) {
    try {
      const found = await fileAt(objects, top, path, place);
      files.set(path, found);
      if (found !== null && found !== 'other') break;
    } catch (error) {
      if (!(error instanceof LinkNotFollowed)) throw error;
      passedOver.push(error.message);
    }
  }
  return passedOver;
}

async function fileAt(objects: Objects, top: Buffer, path: string, place: ReadingPlace): Promise<FileAt> {
  const found = await find(objects, top, path, place);
  if (found === null || found === 'other') return found;
  const file = await objects.read(found.id, 'blob', fileLimit);
  if (file === 'too-large') throw tooLarge(`The file ${path} at ${place.sha.slice(0, 7)}`, 'it is larger than 1 MiB');
  if (file !== null) return file.content;
  place.onDamage();
  throw gitError(`Reading ${path} at ${place.sha.slice(0, 7)} failed`, 'The commit names a file that is not in the mirror');
}

const fileLimit = 1024 * 1024;
const commitLimit = 8 * 1024 * 1024;
