import { KosukeError } from '../domain/errors.ts';
import type { Objects } from './batch.ts';
import { gitError } from './failure.ts';
import type { ReadingPlace } from './objects.ts';
import { entryIn, kindOf, tooLarge, treeOf } from './tree.ts';

/** A link that leads out of the tree, nowhere, or round in a circle: `build-failed`, fault app. */
export class LinkNotFollowed extends KosukeError {}

/** A file by its object; a folder or the place of a submodule; or nothing. */
export type Found = { id: string } | 'other' | null;

/**
 * What is at a path of a tree. Links on the way are followed as long as they stay in the tree: any other is a `LinkNotFollowed` that names it with its target.
 */
export async function find(objects: Objects, top: Buffer, path: string, place: ReadingPlace): Promise<Found> {
  // Names are bytes to git: here each is a character.
  let rest = Buffer.from(path).toString('latin1').split('/');
  if (rest.some(isNoName)) return null;
  // Of the folders above only the names of their objects are kept: a listing may take 8 MiB.
  const folders: { name: string; id: string }[] = [];
  let tree = top;
  let link: Link | null = null;
  let hops = 0;
  for (let steps = 0; rest.length > 0; steps += 1) {
    const [name = '', ...others] = rest;
    rest = others;
    if (steps > mostSteps) throw notFollowed(link, place, 'the way that it leads has no end in sight');
    if (name === '' || name === '.') continue;
    if (name === '..') {
      if (folders.pop() === undefined) throw notFollowed(link, place, 'it leads out of the repository');
      const above = folders.at(-1);
      tree = above === undefined ? top : await listing(objects, above.id, place);
      continue;
    }
    const entry = entryIn(tree, name, place.sha);
    const kind = entry === null ? null : kindOf(entry.mode);
    if (kind === 'link') {
      link = { path: [...folders.map((folder) => folder.name), name].join('/'), target: await targetOf(objects, entry!.id, place) };
      hops += 1;
      if (hops > mostHops) throw notFollowed(link, place, 'it leads round in a circle, or over more than 40 links');
      if (link.target.startsWith('/')) throw notFollowed(link, place, 'it leads out of the repository');
      rest = [...link.target.split('/'), ...rest];
    } else if (kind === 'folder') {
      folders.push({ name, id: entry!.id });
      tree = await listing(objects, entry!.id, place);
    } else {
      const ends = rest.every((one) => one === '');
      if (kind === 'file' && ends) return { id: entry!.id };
      if (kind === 'submodule' && ends) return 'other';
      if (link !== null) throw notFollowed(link, place, 'there is nothing at that place');
      return null;
    }
  }
  return 'other';
}

type Link = { path: string; target: string };

const mostHops = 40;
const mostSteps = 200;
/** What a system takes as the target of a link. */
const longestTarget = 4_096;

function isNoName(name: string): boolean {
  return name === '' || name === '.' || name === '..';
}

async function listing(objects: Objects, id: string, place: ReadingPlace): Promise<Buffer> {
  return (await treeOf(objects, id, place.sha))?.content ?? missing(id, place);
}

async function targetOf(objects: Objects, id: string, place: ReadingPlace): Promise<string> {
  const target = await objects.read(id, 'blob', longestTarget);
  if (target === 'too-large') throw tooLarge(`The target of a link at ${place.sha.slice(0, 7)}`, 'it is longer than 4 KiB');
  return target === null ? missing(id, place) : target.content.toString('latin1');
}

function missing(id: string, place: ReadingPlace): never {
  place.onDamage();
  throw gitError(`Reading the files at ${place.sha.slice(0, 7)} failed`, `The commit names an object that is not in the mirror: ${id}`);
}

function notFollowed(link: Link | null, place: ReadingPlace, why: string): LinkNotFollowed {
  const shown = (text: string) => Buffer.from(text.slice(0, 200), 'latin1').toString('utf8');
  return new LinkNotFollowed({
    code: 'build-failed',
    fault: 'app',
    what: `The link ${shown(link?.path ?? '')} at ${place.sha.slice(0, 7)} cannot be followed to ${shown(link?.target ?? '')}`,
    why,
    next: 'Let it lead to a file of the repository, by a relative path, and push.',
  });
}
