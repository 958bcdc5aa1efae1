import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { inOrder, textsAsSource, type SourceFile } from '../../../src/build/local-source.ts';

const file = (path: string): SourceFile => ({ kind: 'file', path, target: '', mode: 0o644, mtime: 0, size: 0, offset: 0 });
const ordered = async (...paths: string[]): Promise<string[]> => (await inOrder(paths.map(file))).map(({ path }) => path);

test('a folder comes before what is in it, and that before names that only begin like it', async () => {
  assert.deepEqual(await ordered('a.b', 'a/c', 'a-b', 'a', 'a!', 'ab', 'a/b/c', 'a/b', 'B'), ['B', 'a', 'a/b', 'a/b/c', 'a/c', 'a!', 'a-b', 'a.b', 'ab']);
});

test('names go by their bytes, not by UTF-16', async () => {
  assert.deepEqual(await ordered('🚀', '\uFF5E', 'é', 'z'), ['z', 'é', '\uFF5E', '🚀']);
});

test('paths go name by name, each by its bytes', async () => {
  const name = fc.string({ unit: fc.constantFrom('a', 'b', '-', '.', ' ', '0', 'é', '\uFF5E', '🚀', '\n'), minLength: 1, maxLength: 3 });
  const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => names.join('/'));
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(path, { maxLength: 30 }), async (paths) => {
      const expected = paths.toSorted((a, b) => byNames(a.split('/'), b.split('/')));
      assert.deepEqual(await ordered(...paths), expected);
    }),
  );
});

test('200,000 paths hold up nothing else, and are all there', async () => {
  // As git lists them: folders as if their names ended with a slash.
  const paths = Array.from({ length: 200_000 }, (_, at) => `${'deep/'.repeat(10)}d${at % 7_919}/f-${(at * 7) % 200_000}.txt`).sort();
  const files = paths.map(file);
  let turns = 0;
  let longest = 0;
  let last = performance.now();
  const turn = (): void => {
    turns += 1;
    longest = Math.max(longest, performance.now() - last);
    last = performance.now();
  };
  const over = new AbortController();
  const others = (async () => {
    while (!over.signal.aborted) {
      await setImmediate();
      turn();
    }
  })();
  const sorted = await inOrder(files);
  over.abort();
  await others;
  assert.ok(turns > 20 && longest < 2_000, `${turns} turns of others, one of them after ${longest} ms`);
  assert.equal(new Set(sorted).size, 200_000);
  for (let at = 1; at < sorted.length; at += 1) if (byNames(sorted[at - 1]!.path.split('/'), sorted[at]!.path.split('/')) > 0) assert.fail(sorted[at]!.path);
});

test('texts are files, read by their parts', async () => {
  const { files, read } = textsAsSource({ b: 'größer', a: '' });
  assert.deepEqual(files.map(({ path, size }) => [path, size]), [['a', 0], ['b', 8]]);
  assert.equal(String(await read(files[1]!, 2, 4)), 'öß');
});

function byNames([a, ...restA]: string[], [b, ...restB]: string[]): number {
  if (a === undefined || b === undefined) return (a === undefined ? 0 : 1) - (b === undefined ? 0 : 1);
  return Buffer.compare(Buffer.from(a), Buffer.from(b)) || byNames(restA, restB);
}
