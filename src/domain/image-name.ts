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
 * `kosuke-preview/<project id>:<24 hex digits of the inputs>-<16 hex digits of an HMAC>`. The HMAC is made with a key of this instance, so
 * that no pushed Dockerfile can name another project's image, and another instance's are not taken for ours.
 */
export function imageName(key: Buffer, inputs: ImageInputs): string {
  const args = Object.entries(inputs.args).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const facts = JSON.stringify([inputs.treeHash, inputs.dockerfile, inputs.target, args, inputs.afreshFor]);
  const name = `${imagePrefix(inputs.projectId)}${createHash('sha256').update(facts).digest('hex').slice(0, 24)}`;
  return `${name}-${mac(key, name)}`;
}

/** What the names of all images of a project start with. */
export function imagePrefix(projectId: number): string {
  return `kosuke-preview/${projectId}:`;
}

export function isOurImage(key: Buffer, name: string): boolean {
  const match = /^(kosuke-preview\/[1-9]\d*:[0-9a-f]{24})-([0-9a-f]{16})$/.exec(name);
  return match !== null && timingSafeEqual(Buffer.from(mac(key, match[1]!)), Buffer.from(match[2]!));
}

function mac(key: Buffer, name: string): string {
  return createHmac('sha256', key).update(name).digest('hex').slice(0, 16);
}
