import assert from 'node:assert/strict';
import { test } from 'node:test';
import { notFetched } from '../../../src/domain/not-fetched.ts';

test('where nothing is missing there is nothing to say', () => assert.deepEqual(notFetched({ lfsPointers: [], submodules: [] }), []));

test('what was not fetched is named, up to three paths of each and how many more', () => {
  const [lfs, submodules, ...others] = notFetched({ lfsPointers: ['a.png', 'b.png', 'c.png', ...Array<string>(1_200).fill('x')], submodules: ['vendor/lib'] });
  assert.deepEqual([lfs?.code, submodules?.code, others], ['lfs-pointers', 'submodules', []]);
  assert.match(lfs!.text, /LFS contents are not fetched.* of a\.png, b\.png, c\.png and 1,200 more\. Commit the files/);
  assert.match(submodules!.text, /Submodules are not fetched.*: vendor\/lib\. Commit the files/);
});

test('names of files make no lines and no marks', () => {
  const [note] = notFetched({ lfsPointers: [`a\n\u202Eb${'x'.repeat(500)}`], submodules: [] });
  assert.match(note!.text, /of a\?\?bx{196}…\. /);
});
