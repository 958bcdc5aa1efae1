import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { inOrder, textsAsSource, type SourceFile } from '../../../src/build/local-source.ts';

const file = (path: string): SourceFile => ({ kind: 'file', path, target: '', mode: 0o644, mtime: 0, size: 0, offset: 0 });
const ordered = (...paths: string[]): string[] => inOrder(paths.map(file)).map(({ path }) => path);

test('a folder comes before what is in it, and that before names that only begin like it', () => {
  assert.deepEqual(ordered('a.b', 'a/c', 'a-b', 'a', 'a!', 'ab', 'a/b/c', 'a/b', 'B'), ['B', 'a', 'a/b', 'a/b/c', 'a/c', 'a!', 'a-b', 'a.b', 'ab']);
});

test('names go by their bytes, not by UTF-16', () => {
  assert.deepEqual(ordered('🚀', '\uFF5E', 'é', 'z'), ['z', 'é', '\uFF5E', '🚀']);
});

test('paths go name by name, each by its bytes', () => {
  const name = fc.string({ unit: fc.constantFrom('a', 'b', '-', '.', ' ', '0', 'é', '\uFF5E', '🚀', '\n'), minLength: 1, maxLength: 3 });
  const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => names.join('/'));
  fc.assert(
    fc.property(fc.uniqueArray(path, { maxLength: 30 }), (paths) => {
      const expected = paths.toSorted((a, b) => byNames(a.split('/'), b.split('/')));
      assert.deepEqual(ordered(...paths), expected);
    }),
  );
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
