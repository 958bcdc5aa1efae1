import { join, relative, resolve } from 'node:path';

/**
 * The stages of `npm test`, in order. A check is one command that passes or fails; a suite is a folder of test files.
 * `testSeconds` bounds one test, `seconds` the whole stage. A suite may leave files of its folder out, by their path in it, and set variables
 * of the environment, which `test/support` reads.
 *
 * @typedef {{ name: string, command: string, args: string[], seconds: number }} Check
 * @typedef {{ name: string, folder: string, concurrency: number, testSeconds: number, seconds: number, except?: string[], env?: Record<string, string> }} Suite
 * @type {(Check | Suite)[]}
 */
export const stages = [
  { name: 'types', command: 'tsc', args: ['--noEmit'], seconds: 300 },
  { name: 'lint', command: 'oxlint', args: ['--deny-warnings'], seconds: 300 },
  { name: 'unit', folder: 'test/unit', concurrency: 2, testSeconds: 60, seconds: 300 },
  { name: 'integration', folder: 'test/integration', concurrency: 2, testSeconds: 180, seconds: 1200 },
  {
    // The suite of the store again, on the other database.
    name: 'postgres',
    folder: 'test/integration/store',
    concurrency: 2,
    testSeconds: 180,
    seconds: 600,
    except: ['durability.test.ts', 'lock.test.ts', 'migrations.test.ts', 'prepared.test.ts', 'upkeep.test.ts'],
    env: { KOSUKE_TEST_DATABASE: 'postgres' },
  },
  // The short selection; all of it is `npm run faults`.
  { name: 'faults', folder: 'test/faults', concurrency: 1, testSeconds: 170, seconds: 400 },
  { name: 'e2e', folder: 'test/e2e', concurrency: 1, testSeconds: 300, seconds: 2400 },
];

/**
 * Chooses what to run. A filter is a stage's name, or the path of a test file or of a folder of them.
 * @param {string[]} filters none means everything
 * @param {(folder: string) => string[]} testFiles the test files in a folder, as paths from the root
 * @param {string} root absolute; paths are taken from there
 * @returns {{ chosen: { stage: Check | Suite, files: string[] }[], unknown: string[] }} `unknown`: the filters that match nothing
 */
export function choose(filters, testFiles, root) {
  const matched = new Set();
  const chosen = [];
  for (const stage of stages) {
    const files = 'folder' in stage ? filesOf(stage, testFiles) : [];
    const named = filters.length === 0 || filters.includes(stage.name);
    if (named) matched.add(stage.name);
    const wanted = named ? files : files.filter((file) => filters.some((filter) => {
      const path = relative(root, resolve(root, filter));
      const hit = file === path || file.startsWith(`${path}/`);
      if (hit) matched.add(filter);
      return hit;
    }));
    if (named || wanted.length > 0) chosen.push({ stage, files: wanted });
  }
  return { chosen, unknown: filters.filter((filter) => !matched.has(filter)) };
}

function filesOf({ folder, except = [] }, testFiles) {
  const left = new Set(except.map((name) => join(folder, name)));
  return testFiles(folder).filter((file) => !left.has(file));
}
