import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** All that goes into an image. The same inputs of one project are one image, whichever branch they are on. */
export type ImageInputs = {
  projectId: number;
  /** git's hash of the tree of the build context. */
  treeHash: string;
  /** The Dockerfile's text as it is built. */
  dockerfile: string;
  target: string | null;
  args: Readonly<Record<string, string>>;
  /** The deployment that asked for a build without cache: its image is its own, so that the one that serves meanwhile keeps its name. */
  afreshFor: number | null;
};

/**
 * `kosuke-preview/<project id>:<24 hex digits of the inputs>[-r<deployment id>]-<16 hex digits of an HMAC>`, the middle part where it was
 * built afresh. The HMAC is made with a key of this instance, so that no pushed Dockerfile can name another project's image, and another
 * instance's are not taken for ours.
 */
export function imageName(key: Buffer, inputs: ImageInputs): string {
  const name = `${imageStem(inputs)}${inputs.afreshFor === null ? '' : `-r${inputs.afreshFor}`}`;
  return `${name}-${mac(key, name)}`;
}

/** What the names of all images of the same inputs start with, those that were built afresh, too. */
export function imageStem(inputs: Omit<ImageInputs, 'afreshFor'>): string {
  const args = Object.entries(inputs.args).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const facts = JSON.stringify([wayOfBuilding, inputs.treeHash, inputs.dockerfile, inputs.target, args]);
  return `${imagePrefix(inputs.projectId)}${createHash('sha256').update(facts).digest('hex').slice(0, 24)}`;
}

/** Counted up whenever the same inputs give another image than before: what was built the old way is not used again. 2: the Dockerfile and links are in it as they are in the repository (decision 18). */
const wayOfBuilding = 2;

/** The names among `names` of images that were built afresh, the newest first. */
export function afreshNames(names: readonly string[]): string[] {
  const numbered = names.flatMap((name) => {
    const id = /-r([1-9]\d*)-[0-9a-f]{16}$/.exec(name)?.[1];
    return id === undefined ? [] : [{ name, id: Number(id) }];
  });
  return numbered.toSorted((a, b) => b.id - a.id).map(({ name }) => name);
}

/** What all names that we give start with. */
export const namePrefix = 'kosuke-preview/';

/** What the names of all images of a project start with. */
export function imagePrefix(projectId: number): string {
  return `kosuke-preview/${projectId}:`;
}

/**
 * The mark of a base image that we fetched, a second name of it: `kosuke-preview/base:<24 hex digits of its name>-<HMAC>`. A base without it
 * was put on the engine by somebody else. `docker.io/library/node:24` and `node:24` are one name.
 */
export function baseMark(key: Buffer, base: string): string {
  const name = `kosuke-preview/base:${createHash('sha256').update(familiarName(base)).digest('hex').slice(0, 24)}`;
  return `${name}-${mac(key, name)}`;
}

/** As people and the engine write it: without the registry that is meant anyway. */
export function familiarName(image: string): string {
  return image.replace(/^docker\.io\/(?:library\/)?/, '');
}

/**
 * Of an image's names those that are ours: what we built, and a base that we fetched, before its mark. Whoever removes them in this order and
 * is interrupted finds the rest again.
 */
export function ourNames(key: Buffer, names: readonly string[]): string[] {
  return [...names.filter((name) => names.includes(baseMark(key, name))), ...names.filter((name) => isOurImage(key, name))];
}

export function isOurImage(key: Buffer, name: string): boolean {
  const match = /^(kosuke-preview\/(?:[1-9]\d*|base):[0-9a-f]{24}(?:-r[1-9]\d*)?)-([0-9a-f]{16})$/.exec(name);
  return match !== null && timingSafeEqual(Buffer.from(mac(key, match[1]!)), Buffer.from(match[2]!));
}

function mac(key: Buffer, name: string): string {
  return createHmac('sha256', key).update(name).digest('hex').slice(0, 16);
}
