import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { after, test } from 'node:test';
import { pino } from 'pino';
import { extract } from 'tar-stream';
import { FetchRefused } from '../../../src/reconcile/ports/git.ts';
import { createGit } from '../../../src/git/git.ts';
import { treeLimits, type TreeLimits } from '../../../src/git/measure.ts';
import { KosukeError } from '../../../src/domain/errors.ts';
import { eventually } from '../../support/eventually.ts';
import { commit, git as person, startGitServer } from './git-server.ts';

const root = await mkdtemp(join(tmpdir(), 'kosuke-git-'));
const work = join(root, 'work');
const bare = join(root, 'shop.git');
person(root, 'init', '--quiet', '--bare', bare);
person(root, 'init', '--quiet', '-b', 'main', work);
person(work, 'remote', 'add', 'origin', bare);
const server = await startGitServer(root);
const git = createGit({ dir: join(root, 'mirrors'), log: pino({ level: 'silent' }), timeoutMs: 20_000 });
const signal = new AbortController().signal;
const fileAt = async (project: number, sha: string, path: string) => {
  const found = (await git.readFiles(project, sha, [path], signal)).files.get(path);
  return found === 'other' ? null : found;
};
const token = `ghs_${randomBytes(18).toString('hex')}`;
after(async () => {
  await server.close();
  await rm(root, { recursive: true });
});

let deployments = 0;
const fetch = (projectId: number, sha: string, abort: AbortSignal = signal) =>
  git.fetch({ projectId, url: server.url('shop'), token, sha, deploymentId: ++deployments }, abort);
const mirror = (projectId: number) => join(root, 'mirrors', `${projectId}.git`);
const push = async (files: Record<string, string>, ...flags: string[]): Promise<string> => {
  const sha = await commit(work, files);
  person(work, 'push', '--quiet', ...flags, 'origin', 'main');
  return sha;
};
const failsWith = (text: RegExp) => (error: unknown) => {
  assert.ok(error instanceof KosukeError, String(error));
  assert.equal(error.failure.code, 'git');
  assert.match(error.message, text);
  return true;
};

async function filesOf(projectId: number, sha: string): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  const entries = extract();
  const collecting = async (): Promise<void> => {
    for await (const entry of entries) files[entry.header.name] = (await buffer(entry)).toString();
  };
  await Promise.all([pipeline(git.archive(projectId, sha, signal), entries), collecting()]);
  return files;
}

async function allFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

const base = await push({ Dockerfile: 'FROM scratch\n', 'app/index.html': 'one', 'app/page.md': 'a' });
const second = await push({ 'app/index.html': 'two' });

test('exactly the commit is fetched, without its history', async () => {
  await fetch(1, second);
  assert.equal(person(mirror(1), 'rev-list', '--count', second), '1');
  assert.equal((await fileAt(1, second, 'app/index.html'))?.toString(), 'two');
  await assert.rejects(fileAt(1, base, 'app/index.html'), failsWith(/at .{7} failed/));
});

test('files and trees are told apart from folders and nothing, and no link leads out', async () => {
  await symlink('/etc/passwd', join(work, 'link'));
  const sha = await push({});
  await rm(join(work, 'link'));
  await fetch(1, sha);
  await assert.rejects(fileAt(1, sha, 'link'), /The link link at .{7} cannot be followed to \/etc\/passwd/);
  for (const path of ['app', 'nothing', '../shop', './Dockerfile', 'app//index.html', '/Dockerfile', '']) {
    assert.equal(await fileAt(1, sha, path), null, path);
  }
  assert.match((await git.readFiles(1, sha, [], signal)).tree, /^[0-9a-f]{40}$/);
});

test('a commit that was force-pushed away is fetched all the same, for it was asked for by its id', async () => {
  const gone = await push({ 'app/index.html': 'gone' });
  person(work, 'reset', '--quiet', '--hard', second);
  await push({ 'app/index.html': 'other' }, '--force');
  await fetch(2, gone);
  assert.equal((await fileAt(2, gone, 'app/index.html'))?.toString(), 'gone');
});

test('a commit that does not exist is told apart, and trying again is said not to help', async () => {
  await assert.rejects(fetch(1, '1'.repeat(40)), (error) => {
    assert.ok(failsWith(/no such commit any more/)(error));
    assert.equal((error as KosukeError).retry, false);
    return true;
  });
});

test('twelve fetches at once into one mirror all succeed', async () => {
  const commits: string[] = [];
  for (let at = 0; at < 12; at++) commits.push(await commit(work, { 'app/index.html': `parallel ${at}` }));
  person(work, 'push', '--quiet', 'origin', 'main');
  await Promise.all(commits.map((sha) => fetch(3, sha)));
  for (const [at, sha] of commits.entries()) {
    assert.equal((await fileAt(3, sha, 'app/index.html'))?.toString(), `parallel ${at}`);
  }
});

test('locks that a killed git left behind are cleared by the next fetch', async () => {
  for (const lock of ['shallow.lock', 'packed-refs.lock', 'HEAD.lock', 'config.lock', `refs/kosuke/${deployments + 1}.lock`]) {
    await writeFile(join(mirror(3), lock), '');
  }
  await fetch(3, second);
  assert.equal((await fileAt(3, second, 'app/index.html'))?.toString(), 'two');
});

test('a fetch whose git is killed in the middle fails as one of ours, and the next one succeeds', async () => {
  const sha = await push({ 'app/large': randomBytes(200_000).toString('hex') });
  const release = server.holdFetches();
  const failing = assert.rejects(fetch(3, sha), failsWith(/could not be fetched/));
  const running = await eventually('git unpacks', async () => {
    const found = await gitProcesses(3);
    return found.some(({ cmdline }) => /index-pack|unpack-objects/.test(cmdline)) && found;
  });
  for (const { pid } of running) killIfThere(pid);
  await failing;
  release();
  await fetch(3, sha);
  assert.equal((await fileAt(3, sha, 'app/large'))?.length, 400_000);
});

test('the token is in no argument, no file of the mirror and no error; it reaches the server as a header', async () => {
  const sha = await push({ 'app/index.html': 'secret' });
  const secrets = [token, Buffer.from(`x-access-token:${token}`).toString('base64')];
  const release = server.holdFetches();
  server.seen.length = 0;
  const fetching = fetch(3, sha);
  await eventually('the server holds', () => server.holding === 1);
  const running = await gitProcesses(3);
  assert.ok(running.some(({ cmdline }) => cmdline.includes('remote-http')));
  for (const secret of secrets) assert.ok(!running.some(({ cmdline }) => cmdline.includes(secret)));
  release();
  await fetching;
  assert.ok(server.seen.length > 1);
  for (const header of server.seen) assert.equal(header, `Basic ${secrets[1]}`);
  for (const path of await allFiles(mirror(3))) {
    const content = await readFile(path, 'latin1');
    for (const secret of secrets) assert.ok(!content.includes(secret), path);
  }
});

test('a redirect to another host is not followed, so the token does not travel there', async () => {
  const other = await startGitServer(root);
  server.redirect = other.url('').replace('/.git', '');
  try {
    await assert.rejects(fetch(4, second), failsWith(/could not be fetched/));
    assert.deepEqual(other.seen, []);
  } finally {
    server.redirect = null;
    await other.close();
  }
});

test('only where the other side refuses may another token or address do: it is told from all other trouble', async () => {
  const isRefused = async (): Promise<boolean> => {
    const error: unknown = await fetch(4, second).then(() => null, (reason: unknown) => reason);
    assert.ok(error instanceof KosukeError && error.retry, String(error));
    return error instanceof FetchRefused;
  };
  try {
    for (const [status, refused] of [[401, true], [403, true], [404, true], [500, false], [503, false]] as const) {
      server.status = status;
      assert.equal(await isRefused(), refused, String(status));
    }
    server.status = null;
    server.redirect = server.url('elsewhere');
    assert.equal(await isRefused(), true, 'moved');
  } finally {
    server.status = null;
    server.redirect = null;
  }
});

test('a fetch ends within two seconds of its signal, with its reason, and the next is not held up', async () => {
  const sha = await push({ 'app/index.html': 'late' });
  const release = server.holdFetches();
  const caller = new AbortController();
  const reason = new Error('a newer push came');
  const fetching = assert.rejects(fetch(3, sha, caller.signal), reason);
  const waiting = assert.rejects(fetch(3, second, caller.signal), reason);
  await eventually('the server holds', () => server.holding === 1);
  const at = performance.now();
  caller.abort(reason);
  await Promise.all([fetching, waiting]);
  assert.ok(performance.now() - at < 2_000);
  assert.deepEqual(await gitProcesses(3), []);
  release();
  await fetch(3, sha);
});

test('a server that sends nothing more is given up after the time limit', async () => {
  const hasty = createGit({ dir: join(root, 'hasty'), log: pino({ level: 'silent' }), timeoutMs: 500 });
  const release = server.holdFetches();
  await assert.rejects(
    hasty.fetch({ projectId: 1, url: server.url('shop'), token, sha: second, deploymentId: 1 }, signal),
    failsWith(/longer than 0\.5 s/),
  );
  release();
});

test('what the pushed attributes hide or rewrite is in the archive as it was pushed', async () => {
  const files = { '.gitattributes': 'Dockerfile export-ignore\napp/version export-subst\n', 'app/version': '$Format:%H$', 'run.sh': '#!/bin/sh\n' };
  const sha = await push(files);
  await fetch(5, sha);
  const archived = await filesOf(5, sha);
  assert.equal(archived['Dockerfile'], 'FROM scratch\n');
  assert.equal(archived['app/version'], '$Format:%H$');
  assert.equal(archived['.gitattributes'], files['.gitattributes']);
  assert.deepEqual(Object.keys(archived).filter((name) => name.startsWith('.git/')), []);
});

test('an archive of a commit that is not there, or whose reader gave up, ends with an error', async () => {
  await assert.rejects(filesOf(5, '2'.repeat(40)), failsWith(/Reading the files/));
  const caller = new AbortController();
  const stream = git.archive(5, person(bare, 'rev-parse', 'main'), caller.signal);
  caller.abort(new Error('enough'));
  await assert.rejects(stream.toArray(), /enough/);
});

test('a damaged mirror is found out by reading, and made anew by the next fetch', async () => {
  await fetch(6, second);
  for (const path of await allFiles(join(mirror(6), 'objects'))) await truncate(path, 0);
  await assert.rejects(fileAt(6, second, 'Dockerfile'), failsWith(/failed/));
  await fetch(6, second);
  assert.equal((await fileAt(6, second, 'Dockerfile'))?.toString(), 'FROM scratch\n');
});

test('a mirror that is found damaged by the fetch itself is made anew in the same fetch', async () => {
  await fetch(7, second);
  for (const path of ['HEAD', 'config']) await truncate(join(mirror(7), path), 0);
  await fetch(7, second);
  assert.equal((await fileAt(7, second, 'Dockerfile'))?.toString(), 'FROM scratch\n');
});

test('a commit that lies in the mirror without its files is not taken for present', async () => {
  await fetch(8, second);
  person(mirror(8), 'update-ref', '-d', `refs/kosuke/${deployments}`);
  const blob = person(work, 'rev-parse', `${second}:app/index.html`);
  await rm(join(mirror(8), 'objects', blob.slice(0, 2), blob.slice(2)));
  await fetch(8, second);
  assert.equal((await fileAt(8, second, 'app/index.html'))?.toString(), 'two');
});

test('a present commit is pinned without asking the server, and a pin can be taken away, twice and from nothing', async () => {
  await fetch(8, second);
  server.seen.length = 0;
  await fetch(8, second);
  assert.deepEqual(server.seen, []);
  const pin = `refs/kosuke/${deployments}`;
  assert.equal(person(mirror(8), 'rev-parse', pin), second);
  await git.unpin(8, deployments);
  await git.unpin(8, deployments);
  await git.unpin(99, 1);
  assert.throws(() => person(mirror(8), 'rev-parse', '--verify', pin));
});

test('a commit that was fetched ahead is there for its deployment; of a project the latest one stays', async () => {
  const ahead = async (sha: string) => git.fetch({ projectId: 12, url: server.url('shop'), token, sha, deploymentId: null }, signal);
  await ahead(base);
  await ahead(second);
  server.seen.length = 0;
  await fetch(12, second);
  assert.deepEqual(server.seen, []);
  assert.deepEqual(person(mirror(12), 'for-each-ref', '--format=%(refname) %(objectname)').split('\n').sort(), [`refs/kosuke/${deployments} ${second}`, `refs/kosuke/ahead ${second}`].sort());
  assert.equal((await fileAt(12, second, 'Dockerfile'))?.toString(), 'FROM scratch\n');
});

test('a pin whose commit a power cut took is found out by reading, and the next fetch makes the mirror anew', async () => {
  await git.fetch({ projectId: 13, url: server.url('shop'), token, sha: second, deploymentId: null }, signal);
  await rm(join(mirror(13), 'objects'), { recursive: true });
  await mkdir(join(mirror(13), 'objects', 'pack'), { recursive: true });
  await fetch(13, second);
  await assert.rejects(fileAt(13, second, 'Dockerfile'), failsWith(/failed/));
  await fetch(13, second);
  assert.equal((await fileAt(13, second, 'Dockerfile'))?.toString(), 'FROM scratch\n');
});

test('nothing but a whole hash and an address without credentials reaches git', async () => {
  for (const sha of ['--upload-pack=x', 'HEAD', second.slice(0, 39), `${second}0`, second.toUpperCase()]) {
    await assert.rejects(fetch(1, sha), failsWith(/not a whole hash/), sha);
    await assert.rejects(fileAt(1, sha, 'Dockerfile'), failsWith(/not a whole hash/), sha);
    assert.throws(() => git.archive(1, sha, signal), failsWith(/not a whole hash/), sha);
  }
  for (const url of [`file://${bare}`, bare, 'ext::sh -c id', 'http://user:secret@127.0.0.1/shop.git', 'ssh://127.0.0.1/x']) {
    await assert.rejects(git.fetch({ projectId: 1, url, token, sha: second, deploymentId: 1 }, signal), failsWith(/may be fetched from/), url);
  }
});

const isTooLarge = (text: RegExp) => (error: unknown) => {
  assert.ok(error instanceof KosukeError, String(error));
  assert.deepEqual([error.failure.code, error.failure.fault, error.retry], ['too-large', 'app', false]);
  assert.match(error.message, text);
  return true;
};

/** A commit whose tree names the same tree ten times, and so on; `leaf` is what the lowest one holds ten times. */
function bomb(depth: number, leaf: string): string {
  const mktree = (entries: string[]) => person(work, 'mktree', { input: entries.join('\n') });
  let tree = mktree(Array.from({ length: 10 }, (_, at) => `${leaf}\tf${at}`));
  for (let at = 1; at < depth; at++) tree = mktree(Array.from({ length: 10 }, (_, place) => `040000 tree ${tree}\td${place}`));
  const sha = person(work, 'commit-tree', tree, '-m', 'bomb');
  person(work, 'push', '--quiet', '--force', 'origin', `${sha}:refs/heads/bomb`);
  return sha;
}

test('a commit of a few objects and ten million paths is refused before it is archived, also when no path of them is a file', async () => {
  const blob = person(work, 'hash-object', '-w', '--stdin', { input: 'x' });
  const empty = person(work, 'mktree', { input: '' });
  for (const leaf of [`100644 blob ${blob}`, `040000 tree ${empty}`]) {
    const sha = bomb(7, leaf);
    await fetch(9, sha);
    await assert.rejects(filesOf(9, sha), isTooLarge(/too large to be built here: it holds more than 200,000 files and folders/));
    assert.deepEqual(await gitProcesses(9), []);
    assert.match((await git.readFiles(9, sha, [], signal)).tree, /^[0-9a-f]{40}$/);
    assert.equal(await fileAt(9, sha, 'Dockerfile'), null);
  }
});

test('files, links and paths are archived up to their limits and no further', async () => {
  const sha = await push({ 'app/index.html': 'x'.repeat(1_000) });
  const limited = (limits: Partial<TreeLimits>) => createGit({ dir: join(root, 'mirrors'), log: pino({ level: 'silent' }), limits: { ...treeLimits, ...limits } });
  await fetch(10, sha);
  const listed = person(work, 'ls-tree', '-r', '-t', '-l', sha).split('\n');
  const bytes = listed.reduce((sum, line) => sum + (Number(line.split(/ +/)[3]?.split('\t')[0]) || 0), 0);
  const allPathBytes = listed.reduce((sum, line) => sum + line.length - line.indexOf('\t') - 1, 0);
  const enough = { entries: listed.length, bytes, pathBytes: 14, allPathBytes };
  assert.ok((await limited(enough).archive(10, sha, signal).toArray()).length > 0);
  await assert.rejects(limited({ ...enough, entries: listed.length - 1 }).archive(10, sha, signal).toArray(), isTooLarge(/more than \d+ files/));
  await assert.rejects(limited({ ...enough, bytes: bytes - 1 }).archive(10, sha, signal).toArray(), isTooLarge(/its files take more than/));
  await assert.rejects(limited({ ...enough, pathBytes: 13 }).archive(10, sha, signal).toArray(), isTooLarge(/a path in it is longer than 13 bytes/));
  await assert.rejects(limited({ ...enough, allPathBytes: allPathBytes - 1 }).archive(10, sha, signal).toArray(), isTooLarge(new RegExp(`the paths of its files and folders take more than ${allPathBytes - 1} bytes together`)));

  await symlink('x'.repeat(20), join(work, 'link'));
  const linked = await push({});
  await rm(join(work, 'link'));
  await fetch(10, linked);
  await assert.rejects(limited({ pathBytes: 19 }).archive(10, linked, signal).toArray(), isTooLarge(/the target of a link in it is longer than 19 bytes/));
});

test('a file that is read whole may have 1 MiB', async () => {
  const sha = await push({ large: 'x'.repeat(1024 * 1024), larger: 'x'.repeat(1024 * 1024 + 1) });
  await fetch(11, sha);
  assert.equal((await fileAt(11, sha, 'large'))?.length, 1024 * 1024);
  await assert.rejects(fileAt(11, sha, 'larger'), isTooLarge(/^The file larger at .{7} is too large: it is larger than 1 MiB/));
});

/** Running git processes of a mirror: those that name it in their arguments, and their helpers, to whom git names it in GIT_DIR. */
async function gitProcesses(projectId: number): Promise<{ pid: number; cmdline: string }[]> {
  const found: { pid: number; cmdline: string }[] = [];
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    // A process may end between the listing and the look.
    const [cmdline = '', environment = ''] = await Promise.all(
      ['cmdline', 'environ'].map((file) => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '')),
    );
    if (cmdline.includes(mirror(projectId)) || environment.includes(`GIT_DIR=${mirror(projectId)}\0`)) found.push({ pid: Number(pid), cmdline });
  }
  return found;
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    assert.equal((error as NodeJS.ErrnoException).code, 'ESRCH');
  }
}
