import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's root, absolute. */
export const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

/** Where logs and other things that git ignores are kept. */
export const cache = join(root, '.cache');

/** The Node that package.json pins: the program and its tests run under it. */
export const pinnedNode = join(root, 'node_modules', '.bin', 'node');
