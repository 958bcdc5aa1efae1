import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { test } from 'node:test';
import { pack } from 'tar-stream';
import { readContext } from '../../../src/build/context.ts';
import type { LocalSource } from '../../../src/build/local-source.ts';
import type { Spool } from '../../../src/build/spool.ts';
import { KosukeError } from '../../../src/domain/errors.ts';

/** Like the real one, in memory. */
function spoolInMemory(): Spool {
  const parts: Buffer[] = [];
  return {
    async *keep(source) {
      for await (const chunk of source) {
        parts.push(chunk);
        yield chunk;
      }
    },
    read: async (position, length) => Buffer.concat(parts).subarray(position, position + length),
    close: async () => undefined,
  };
}

function tarOf(files: Record<string, string>): Readable {
  const tar = pack();
  for (const [name, content] of Object.entries(files)) {
    if (name.endsWith('/')) tar.entry({ name, type: 'directory', mode: 0o775 });
    else if (content.startsWith('-> ')) tar.entry({ name, type: 'symlink', linkname: content.slice(3) });
    else tar.entry({ name }, content);
  }
  tar.finalize();
  return Readable.from(tar);
}

function namesOf({ files }: LocalSource): string[] {
  return files.map(({ kind, path, target }) => `${path}${kind === 'folder' ? '/' : ''}${target === '' ? '' : ` -> ${target}`}`);
}

const files = { 'Dockerfile': 'FROM x', '.dockerignore': 'y', '.env': 'SECRET=1', 'src/': '', 'src/a.ts': 'x'.repeat(100_000), 'src/.env': '2', 'docs/': '', 'docs/readme.md': '', 'link': '-> .env' };
const named = { src: ['src/', 'src/.env', 'src/a.ts'], docs: ['docs/', 'docs/readme.md'] };

const table: [string, string | null, string[]][] = [
  ['there is no such file', null, ['.dockerignore', '.env', 'Dockerfile', ...named.docs, 'link -> .env', ...named.src]],
  ['nothing is named', '# nothing\n', ['.dockerignore', '.env', 'Dockerfile', ...named.docs, 'link -> .env', ...named.src]],
  ['one file is', '.env\n', ['.dockerignore', 'Dockerfile', ...named.docs, 'link -> .env', ...named.src]],
  ['files anywhere are', '**/.env\ndocs\n', ['.dockerignore', 'Dockerfile', 'link -> .env', 'src/', 'src/a.ts']],
  ['everything is but one folder', '*\n!src\n', named.src],
  ['everything is but one file in a folder', '**\n!src/a.ts\n', ['src/', 'src/a.ts']],
  ['what is in a folder is', 'src/*\n', ['.dockerignore', '.env', 'Dockerfile', ...named.docs, 'link -> .env', 'src/']],
  ['the Dockerfile itself is, and the rules', 'Dockerfile\n.dockerignore\nsrc\ndocs\nlink', ['.env']],
];

for (const [name, rules, expected] of table) {
  test(`what .dockerignore names is not in the context: ${name}`, async () => {
    assert.deepEqual(namesOf(await readContext(tarOf(files), rules, spoolInMemory())), expected);
  });
}

test('the files of the context are read by their parts, and a folder keeps its mode where only a file in it is re-included', async () => {
  const context = await readContext(tarOf({ ...files, 'src/last': '0123456789' }), 'src\n!src/last', spoolInMemory());
  const last = context.files.find(({ path }) => path === 'src/last')!;
  assert.equal(String(await context.read(last, 3, 4)), '3456');
  assert.equal(context.files.find(({ path }) => path === 'src')?.mode, 0o775);
});

test('a folder that the archive does not name is there when something is in it', async () => {
  const context = await readContext(tarOf({ 'a/b/c/d': '1', 'a/e': '2' }), null, spoolInMemory());
  assert.deepEqual(namesOf(context), ['a/', 'a/b/', 'a/b/c/', 'a/b/c/d', 'a/e']);
  assert.equal(context.files[0]?.mode, 0o755);
});

test('of two entries of one path the later one counts, and nothing lies below a file or a link', async () => {
  const context = await readContext(tarOf({ 'a/': '', a: 'x' }), null, spoolInMemory());
  assert.deepEqual(namesOf(context), ['a']);
  await assert.rejects(readContext(tarOf({ a: '-> /etc', 'a/passwd': 'x' }), null, spoolInMemory()), /"a\/passwd" below what is no folder/);
});

test('a path that leads elsewhere is refused', async () => {
  for (const path of ['../x', 'a/../../x', '/etc/passwd', './x', 'a//b', '..']) {
    await assert.rejects(readContext(tarOf({ [path]: 'x' }), null, spoolInMemory()), /which is no path in it/, path);
  }
});

test('a name that is not UTF-8 is the app’s failure, which names it; one that .dockerignore names is nobody’s', async () => {
  const tar = await buffer(tarOf({ 'menu/cafe\n': 'x', Dockerfile: '' }));
  tar.write('\xe9', tar.indexOf('cafe') + 3, 'latin1');
  await assert.rejects(readContext(Readable.from([tar]), null, spoolInMemory()), (error) => {
    assert.ok(error instanceof KosukeError);
    assert.deepEqual([error.failure.code, error.failure.fault], ['build-failed', 'app']);
    assert.equal(error.failure.what, 'A file has a name, or is a link to one, that is not UTF-8: menu/caf\\xe9\\x0a');
    return true;
  });
  for (const rules of ['menu', 'menu/caf*']) {
    assert.ok(namesOf(await readContext(Readable.from([tar]), rules, spoolInMemory())).includes('Dockerfile'), rules);
  }
});

test('rules that are refused are refused before anything is read, and others leave room for all else while they are applied', async () => {
  const unread = new Readable({ read: () => assert.fail('it was read') });
  await assert.rejects(readContext(unread, '[', spoolInMemory()), KosukeError);

  const many = Object.fromEntries(Array.from({ length: 800 }, (_, at) => [`${'a'.repeat(90)}${at}`, '']));
  const whole = Readable.from([await buffer(tarOf(many))]);
  let turns = 0;
  let turning = setImmediate(function turn() {
    turns += 1;
    turning = setImmediate(turn);
  });
  try {
    await readContext(whole, '*a'.repeat(1_000), spoolInMemory());
  } finally {
    clearImmediate(turning);
  }
  assert.ok(turns > 5, String(turns));
});
