import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, describe, test } from 'node:test';
import { pino } from 'pino';
import { KosukeError } from '../../../src/domain/errors.ts';
import { createGit } from '../../../src/git/git.ts';
import { git as person, startGitServer } from './git-server.ts';

const root = await mkdtemp(join(tmpdir(), 'kosuke-reading-'));
const [work, bare] = [join(root, 'work'), join(root, 'shop.git')];
person(root, 'init', '--quiet', '--bare', bare);
person(root, 'init', '--quiet', '-b', 'main', work);
person(work, 'remote', 'add', 'origin', bare);
const server = await startGitServer(root);
const git = createGit({ dir: join(root, 'mirrors'), log: pino({ level: 'silent' }), timeoutMs: 20_000 });
const signal = new AbortController().signal;
after(async () => {
  await server.close();
  await rm(root, { recursive: true });
});

/** A commit of these files and links and nothing else, fetched. A link is `{ to }`. */
async function fetched(files: Record<string, string | { to: string }>): Promise<string> {
  person(work, 'rm', '-r', '-q', '--cached', '--ignore-unmatch', '.');
  person(work, 'clean', '-fdxq');
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(work, path)), { recursive: true });
    await (typeof content === 'string' ? writeFile(join(work, path), content) : symlink(content.to, join(work, path)));
  }
  person(work, 'add', '-A');
  person(work, 'commit', '--quiet', '--allow-empty', '-m', 'change');
  return await pushed(person(work, 'rev-parse', 'HEAD'));
}

let fetches = 0;
async function pushed(sha: string): Promise<string> {
  person(work, 'push', '--quiet', '--force', 'origin', `${sha}:refs/heads/x${++fetches}`);
  await git.fetch({ projectId: 1, url: server.url('shop'), token: '', sha, deploymentId: fetches }, signal);
  return sha;
}

async function fileAt(sha: string, path: string): Promise<string | null> {
  const found = (await git.readFiles(1, sha, [path], signal)).files.get(path);
  return found instanceof Uint8Array ? found.toString('utf8') : (found ?? null);
}

describe('alternatives', () => {
  test('are read up to the first that is a file, and a link among them that cannot be followed is passed over', async () => {
    const large = 'x'.repeat(1024 * 1024 + 1);
    const read = async (files: Record<string, string | { to: string }>) => {
      const { files: found, passedOver } = await git.readFiles(1, await fetched(files), [['a', 'b']], signal);
      return { found: ['a', 'b'].map((path) => found.get(path)?.toString() ?? null), passedOver };
    };
    assert.deepEqual(await read({ a: 'A', b: large }), { found: ['A', null], passedOver: [] });
    assert.deepEqual(await read({ 'a/folder': 'x', b: 'B' }), { found: ['other', 'B'], passedOver: [] });
    const { found, passedOver } = await read({ a: { to: 'nowhere' }, b: { to: '../out' } });
    assert.deepEqual(found, [null, null]);
    assert.match(passedOver.join(), /^The link a at .{7} cannot be followed to nowhere: .*,The link b at .{7} cannot be followed to \.\.\/out: it leads out of the repository$/);
  });
});

describe('links in a commit', () => {
  test('are followed, one after another, over folders that are links, and up again', async () => {
    const sha = await fetched({
      'docker/Dockerfile.web': 'FROM scratch\n',
      Dockerfile: { to: 'docker/Dockerfile.web' },
      again: { to: './Dockerfile' },
      linked: { to: 'docker/' },
      'deep/er/up': { to: '../../linked/Dockerfile.web' },
      'folder-link': { to: 'deep/er' },
    });
    for (const path of ['Dockerfile', 'again', 'linked/Dockerfile.web', 'deep/er/up', 'folder-link/up']) assert.equal(await fileAt(sha, path), 'FROM scratch\n', path);
    assert.equal(await fileAt(sha, 'folder-link'), 'other');
    assert.equal(await fileAt(sha, 'docker'), 'other');
    await assert.rejects(fileAt(sha, 'folder-link/nothing'), /The link folder-link .* there is nothing at that place/);
  });

  const wrong: [name: string, files: Record<string, string | { to: string }>, words: RegExp][] = [
    ['an absolute target', { Dockerfile: { to: '/etc/passwd' } }, /link Dockerfile at .{7} cannot be followed to \/etc\/passwd: it leads out of the repository/],
    ['a target above the top', { 'a/b': 'x', Dockerfile: { to: 'a/../../shop/Dockerfile' } }, /followed to a\/\.\.\/\.\.\/shop\/Dockerfile: it leads out/],
    ['a target that is not there', { Dockerfile: { to: 'docker/Dockerfile' } }, /link Dockerfile .* docker\/Dockerfile: there is nothing at that place/],
    ['a target below a file', { a: 'x', Dockerfile: { to: 'a/b' } }, /there is nothing at that place/],
    ['a circle', { Dockerfile: { to: 'other' }, other: { to: 'Dockerfile' } }, /it leads round in a circle/],
    ['itself in its way', { Dockerfile: { to: 'Dockerfile/x' } }, /it leads round in a circle/],
    ['41 links in a row', { Dockerfile: { to: 'l1' }, ...Object.fromEntries(Array.from({ length: 40 }, (_, at) => [`l${at + 1}`, { to: `l${at + 2}` }])), l41: 'x' }, /over more than 40 links/],
  ];
  for (const [name, files, words] of wrong) {
    test(`${name}: the repository’s failure, which names link and target`, async () => {
      const sha = await fetched(files);
      await assert.rejects(fileAt(sha, 'Dockerfile'), (error) => {
        assert.ok(error instanceof KosukeError, String(error));
        assert.equal(error.failure.fault, 'app');
        assert.match(error.message, words);
        return true;
      });
    });
  }

  test('of 40 in a row the last is reached, and no way takes long', async () => {
    const row = Object.fromEntries(Array.from({ length: 39 }, (_, at) => [`l${at + 1}`, { to: `l${at + 2}` }]));
    assert.equal(await fileAt(await fetched({ Dockerfile: { to: 'l1' }, ...row, l40: 'end' }), 'Dockerfile'), 'end');
    const long = await fetched({ 'a/x': 'x', Dockerfile: { to: `${'a/../'.repeat(800)}a/x` } });
    await assert.rejects(fileAt(long, 'Dockerfile'), /has no end in sight/);
  });
});

test('modes are read as git reads them: zeros before them, and permissions of old programs', async () => {
  const blob = (content: string) => person(work, 'hash-object', '-w', '--stdin', { input: content });
  const tree = (entries: [mode: string, name: string, id: string][]) => {
    const object = Buffer.concat(entries.flatMap(([mode, name, id]) => [Buffer.from(`${mode} ${name}\0`), Buffer.from(id, 'hex')]));
    return execFileSync('git', ['hash-object', '-t', 'tree', '-w', '--stdin', '--literally'], { cwd: work, input: object }).toString().trim();
  };
  const inner = tree([['0100644', 'file', blob('inner')]]);
  const sha = person(work, 'commit-tree', tree([
    ['0100644', 'Dockerfile', blob('padded')], ['100664', 'group', blob('group')], ['0120000', 'link', blob('old/file')], ['0040000', 'old', inner], ['40000', 'plain', inner],
  ]), '-m', 'old');
  await pushed(sha);
  const expected = { Dockerfile: 'padded', group: 'group', link: 'inner', 'old/file': 'inner', 'plain/file': 'inner', old: 'other' };
  for (const [path, content] of Object.entries(expected)) assert.equal(await fileAt(sha, path), content, path);
});

test('the tree and the time of a commit are those that it names, whatever its message says', async () => {
  await fetched({ a: 'x' });
  const tree = person(work, 'rev-parse', 'HEAD^{tree}');
  const sha = person(work, '-c', 'user.name=committer x <y> 5 +0000', 'commit-tree', tree, '-m', `tree ${'0'.repeat(40)}\ncommitter x <x> 7 +0000`);
  await pushed(sha);
  const { tree: read, committedAt } = await git.readFiles(1, sha, [], signal);
  assert.deepEqual([read, committedAt], [tree, Number(person(work, 'show', '-s', '--format=%ct', sha))]);
});

describe('what a commit names and does not hold', () => {
  const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${'4d'.repeat(32)}\nsize 12345\n`;

  test('is found: pointers of Git LFS, with and without attributes, and submodules, with and without .gitmodules', async () => {
    const sha = await fetched({ 'public/ä.png': pointer, 'deep/er/b.bin': pointer, text: `see ${pointer}`, large: pointer + ' '.repeat(1024), small: 'version https://git-lfs.github.com/spec/v1\n' });
    person(work, 'update-index', '--add', '--cacheinfo', `160000,${sha},vendor/lib`);
    person(work, 'commit', '--quiet', '-m', 'submodule');
    const withModule = await pushed(person(work, 'rev-parse', 'HEAD'));
    const { lfsPointers, submodules } = await git.readFiles(1, withModule, [], signal);
    assert.deepEqual([[...lfsPointers].toSorted(), submodules], [['deep/er/b.bin', 'public/ä.png'], ['vendor/lib']]);
    assert.equal((await git.readFiles(1, withModule, ['vendor/lib'], signal)).files.get('vendor/lib'), 'other');
  });

  test('tells how many small files were not looked at, only where the attributes speak of LFS', async () => {
    const many = Object.fromEntries(Array.from({ length: 5_100 }, (_, at) => [`m/${at}`, 'x'.repeat(200)]));
    const read = async (files: Record<string, string>) => await git.readFiles(1, await fetched({ ...many, ...files }), [], signal);
    assert.equal((await read({})).lfsUnread, 0);
    const { lfsPointers, lfsUnread } = await read({ '.gitattributes': '*.png filter=lfs\n', 'z/a.png': pointer });
    assert.deepEqual([lfsPointers, lfsUnread], [[], 101]);
  });

  test('is looked for among many small files only where the attributes of a folder speak of LFS', async () => {
    const many = Object.fromEntries(Array.from({ length: 2_000 }, (_, at) => [`f/${at}`, 'x'.repeat(150)]));
    const lfs = async (files: Record<string, string>) => (await git.readFiles(1, await fetched({ ...many, ...files }), [], signal)).lfsPointers;
    assert.deepEqual(await lfs({ 'g/a': pointer }), []);
    assert.deepEqual(await lfs({ 'g/a': pointer, 'g/.gitattributes': '*.png filter=lfs diff=lfs\n' }), ['g/a']);
  });
});
