import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { World } from './world.ts';

export type Ran = { code: number; out: string; err: string };

/** Runs one command of the program as a process of its own, as a person on its machine would: the same settings, the same directory. */
export function command(world: { program: Pick<World['program'], 'env'> }, ...words: string[]): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const options = { env: { ...world.program.env }, cwd: world.program.env['DATA_DIR'], timeout: 60_000, maxBuffer: 4_194_304 };
    execFile(process.execPath, [main, ...words], options, (error, out, err) => {
      if (error === null) resolve({ code: 0, out, err });
      else if (typeof error.code === 'number') resolve({ code: error.code, out, err });
      else reject(error);
    });
  });
}

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
