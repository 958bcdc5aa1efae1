import assert from 'node:assert/strict';
import { test } from 'node:test';
import { notFetched } from '../../../src/domain/not-fetched.ts';

test('where nothing is missing there is nothing to say', () => assert.deepEqual(notFetched({ lfsPointers: [], lfsUnread: 0, submodules: [] }), []));

test('what was not fetched is named, up to three paths of each and how many more', () => {
  const [lfs, submodules, ...others] = notFetched({ lfsPointers: ['a.png', 'b.png', 'c.png', ...Array<string>(1_200).fill('x')], lfsUnread: 0, submodules: ['vendor/lib'] });
  assert.deepEqual([lfs?.code, submodules?.code, others], ['lfs-pointers', 'submodules', []]);
  assert.match(lfs!.text, /LFS contents are not fetched.* of a\.png, b\.png, c\.png and 1,200 more\. Commit the files/);
  assert.match(submodules!.text, /Submodules are not fetched.*: vendor\/lib\. Commit the files/);
});

test('names of files make no lines and no marks', () => {
  const [note] = notFetched({ lfsPointers: [`a\n\u202Eb${'x'.repeat(500)}`], lfsUnread: 0, submodules: [] });
  assert.match(note!.text, /of a\?\?bx{196}…\. /);
});

test('files that were not looked at are told, with pointers and without', () => {
  const textOf = (lfsPointers: string[]) => notFetched({ lfsPointers, lfsUnread: 7_000, submodules: [] }).map(({ text }) => text).join();
  assert.match(textOf(['a.png']), /only the pointers of a\.png\. There may be more pointers: 7,000 small files were not looked at\. Commit/);
  assert.match(textOf([]), /only their pointers\. There may be more pointers: 7,000 small/);
});
