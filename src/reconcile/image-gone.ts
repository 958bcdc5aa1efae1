import type { Failure } from '../domain/errors.ts';

/** Something on the server takes images away as soon as they are made. Ours, and tried again with growing waits. */
export function imageGone(why: string): Failure {
  return {
    code: 'image-gone',
    fault: 'us',
    what: 'The image was removed from the Docker Engine before it could be started',
    why,
    next: 'The operator can look what removes images there, e.g. a regular `docker image prune`. It is built again by itself.',
  };
}
