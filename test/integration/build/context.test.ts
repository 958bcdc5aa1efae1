import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readdir, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { after, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { pack } from 'tar-stream';
import { createImageBuilder } from '../../../src/build/image-builder.ts';
import type { LogLine } from '../../../src/domain/deployment.ts';
import { KosukeError } from '../../../src/domain/errors.ts';
import type { BuildRequest } from '../../../src/reconcile/ports/image-builder.ts';
import { engineForTest } from '../../support/engine.ts';
import { eventually } from '../../support/eventually.ts';

const run = promisify(execFile);
const { docker, engine, instance, log, cleanUp } = engineForTest();
const dir = await mkdtemp(join(tmpdir(), 'kosuke-context-test-'));
const spoolDir = join(dir, 'spool');
await mkdir(spoolDir);
const builder = createImageBuilder({ docker, log, imageKey: randomBytes(32), spoolDir });
const signal = new AbortController().signal;
after(async () => {
  await cleanUp();
  await rm(dir, { recursive: true });
});

describe('the context of a build', () => {
  test('is without Dockerfile and .dockerignore where .dockerignore names them, and is built all the same', async () => {
    const context = await repository({ Dockerfile: 'FROM nothing\n', '.dockerignore': 'Dockerfile\n.dockerignore\n', page: 'page' });
    assert.deepEqual(await listing(context, { ignore: 'Dockerfile\n.dockerignore\n' }), ['./page 100644 page']);
  });

  test('holds both as they are in the repository where it does not, whatever the Dockerfile that is built says', async () => {
    const context = await repository({ Dockerfile: 'FROM nothing\n', '.dockerignore': '*\n!page', page: 'page' });
    assert.deepEqual(await listing(context), ['./.dockerignore 100644 *|!page', './Dockerfile 100644 FROM nothing|', './page 100644 page']);
  });

  test('holds links as they are: to files, folders, nowhere and out of the tree, also where the Dockerfile is one', async () => {
    const links = { Dockerfile: 'docker/Dockerfile.prod', here: 'docker', nowhere: 'not/there', out: '../../../etc/passwd', rooted: '/etc/shadow' };
    const context = await repository({ 'docker/Dockerfile.prod': 'FROM nothing\n', [`far/${'d'.repeat(120)}`]: 'x' }, { links: { ...links, 'far/link': `${'t'.repeat(120)}/x` } });
    assert.deepEqual(await output(context, 'find . -type l | sort | while read -r one; do echo "$one -> $(readlink "$one")"; done'), [
      './Dockerfile -> docker/Dockerfile.prod',
      `./far/link -> ${'t'.repeat(120)}/x`,
      './here -> docker',
      './nowhere -> not/there',
      './out -> ../../../etc/passwd',
      './rooted -> /etc/shadow',
    ]);
  });

  test('keeps the executable bit, empty files, deep paths and names of any text', async () => {
    const deep = Array.from({ length: 30 }, (_, at) => `folder${at}`).join('/');
    const names = ['-rf', 'a b', "it's", 'größe', '🚀', 'back\\slash', '"quoted"', '*', '[x]', '$HOME', 'ab', 'a-b', 'a/b', `${deep}/end`];
    const files = Object.fromEntries(names.map((name, at) => [name, `content ${at}`]));
    const context = await repository({ ...files, 'bin/run': '#!/bin/sh\n', empty: '' }, { executable: ['bin/run'] });
    const expected = [...names.map((name, at) => `./${name} 100644 content ${at}`), './bin/run 100755 #!/bin/sh|', './empty 100644 '];
    assert.deepEqual(await listing(context), expected.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))));
  });

  test('brings large files whole, several at once', async () => {
    const files = Object.fromEntries(Array.from({ length: 4 }, (_, at) => [`large${at}`, randomBytes(6_000_000 + at)]));
    const sums = Object.entries(files).map(([name, bytes]) => `${createHash('sha256').update(bytes).digest('hex')}  ${name}`);
    assert.deepEqual(await output(await repository(files), 'sha256sum large*'), sums);
  });

  test('brings 5,000 small files, and a Dockerfile may copy each by its name', async () => {
    const names = Array.from({ length: 5_000 }, (_, at) => `d${at % 70}/file${at}`);
    const context = await repository(Object.fromEntries(names.map((name) => [name, name])));
    const text = (copy: string) => `FROM busybox:1.37\n${copy}\nRUN cd /app && find . -type f | wc -l; cat $(find . -type f) | wc -c # ${randomBytes(6).toString('hex')}\n`;
    const counted = async (dockerfileText: string) => stdout((await build(context, { dockerfileText })).lines);
    assert.deepEqual(await counted(text('COPY . /app')), ['5000', String(names.join('').length)]);
    const some = names.slice(0, 150);
    assert.deepEqual(await counted(text(`COPY ${some.join(' ')} /app/`)), ['150', String(some.join('').length)]);
  });

  test('holds what .dockerignore includes again, with the folders above it', async () => {
    const context = await repository({ 'a/b/keep': 'k', 'a/b/drop': 'd', 'a/drop': 'd', 'c/drop': 'd', top: 't' });
    assert.deepEqual(await output(context, 'find . | sort', { ignore: '*\n!a/b/keep' }), ['.', './a', './a/b', './a/b/keep']);
  });

  test('gives a file of .dockerignore alone where that is all that is copied', async () => {
    const context = await repository({ '.dockerignore': 'x', page: 'page' });
    assert.deepEqual(await output(context, 'cat .dockerignore; echo', { copy: 'COPY .dockerignore /app/' }), ['x']);
    const linked = await repository({ rules: 'y' }, { links: { '.dockerignore': 'rules' } });
    assert.deepEqual(await output(linked, 'cat .dockerignore; echo', { copy: 'COPY .dockerignore /app/' }), ['y']);
  });

  test('is the same for the cache when only the times differ, and is another when only the bytes do', async () => {
    const [one, two] = [randomBytes(8).toString('hex'), randomBytes(8).toString('hex')];
    const first = await repository({ 'src/page': one, run: 'x' }, { date: '2001-01-01T00:00:00Z' });
    assert.ok(!(await steps(first)).includes('[2/3] cached'));
    const later = await repository({ 'src/page': one, run: 'x' }, { date: '2002-02-02T00:00:00Z' });
    assert.ok((await steps(later)).includes('[2/3] cached'));
    const other = await repository({ 'src/page': two, run: 'x' }, { date: '2002-02-02T00:00:00Z' });
    assert.deepEqual(await output(other, 'cat src/page; echo'), [two]);
  });

  test('refuses a name that is not UTF-8, as the repository’s own failure that names it, unless .dockerignore leaves it out', async () => {
    const context = await repository({ page: 'page' }, { raw: Buffer.from('caf\xe9', 'latin1') });
    await assert.rejects(build(context), failsWith('build-failed', 'app', /not UTF-8: caf\\xe9/));
    assert.deepEqual(await listing(context, { ignore: 'caf*' }), ['./page 100644 page']);
  });

  test('that the engine cannot hold is told in its words', async () => {
    const tar = (): Readable => {
      const made = pack();
      made.entry({ name: 'n'.repeat(300) }, 'x');
      made.finalize();
      return Readable.from(made, { objectMode: false });
    };
    await assert.rejects(build(tar), failsWith('build-failed', 'app', /file name too long/));
  });
});

describe('a build that ends in the middle of its context', () => {
  const endings: { name: string; ends(context: () => Readable, caller: AbortController): { context: () => Readable; onLine: () => void } }[] = [
    {
      name: 'while the archive is read',
      ends(_, caller) {
        const endless = () => new Readable({ read: () => undefined, construct: (ready) => (setImmediate(() => caller.abort(new Error('enough'))), ready()) });
        return { context: endless, onLine: () => undefined };
      },
    },
    { name: 'while the engine takes it', ends: (context, caller) => ({ context, onLine: () => caller.abort(new Error('enough')) }) },
  ];
  for (const { name, ends } of endings) {
    test(`${name} is over within a second, and leaves no file, socket or timer`, async () => {
      const files = Object.fromEntries(Array.from({ length: 6 }, (_, at) => [`large${at}`, randomBytes(10_000_000)]));
      const whole = await repository(files);
      // What a first build leaves open for the next one is not its leftover.
      await build(await repository({ page: 'x' }));
      await eventually('nothing of it is open', async () => (await openSpools()).length === 0);
      const before = resources();
      const caller = new AbortController();
      const { context, onLine } = ends(whole, caller);
      let abortedAt = 0;
      caller.signal.addEventListener('abort', () => (abortedAt = performance.now()));
      await assert.rejects(builder.build(request(context), onLine, caller.signal), /enough/);
      assert.ok(performance.now() - abortedAt < 1_000);
      assert.deepEqual(await openSpools(), []);
      assert.deepEqual(await readdir(spoolDir), []);
      await eventually('nothing of it is open', () => resources() === before, { within: 10_000 });
    });
  }

  test('by a full disk is ours', async () => {
    const small = join(dir, 'small');
    await mkdir(small);
    await run('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', small]);
    try {
      const context = await repository({ large: randomBytes(3_000_000) });
      const cramped = createImageBuilder({ docker, log, imageKey: randomBytes(32), spoolDir: small });
      await assert.rejects(cramped.build(request(context), () => undefined, signal), failsWith('disk-full', 'us', /no space left/));
    } finally {
      await run('umount', [small]);
    }
  });
});

type More = { links?: Record<string, string>; executable?: string[]; date?: string; raw?: Buffer };
let repositories = 0;

/** The archive of a commit with these files, as git makes it. */
async function repository(files: Record<string, string | Buffer>, { links = {}, executable = [], date = '2020-02-02T00:00:00Z', raw }: More = {}): Promise<() => Readable> {
  const tree = join(dir, `repository-${++repositories}`);
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(tree, path)), { recursive: true });
    await writeFile(join(tree, path), content);
  }
  for (const [path, target] of Object.entries(links)) await symlink(target, join(tree, path));
  for (const path of executable) await chmod(join(tree, path), 0o755);
  if (raw !== undefined) await writeFile(Buffer.concat([Buffer.from(`${tree}/`), raw]), 'raw');
  const git = async (...args: string[]) => {
    const identity = { GIT_AUTHOR_NAME: 'x', GIT_AUTHOR_EMAIL: 'x@example.com', GIT_COMMITTER_NAME: 'x', GIT_COMMITTER_EMAIL: 'x@example.com', GIT_COMMITTER_DATE: date };
    // Tidying up in the background would go on while the folder is removed.
    await run('git', ['-C', tree, '-c', 'gc.auto=0', '-c', 'maintenance.auto=false', ...args], { env: { ...process.env, ...identity } });
  };
  await git('init', '--quiet');
  await git('add', '--all');
  await git('commit', '--quiet', '--message', 'files');
  return () => {
    const { stdout: tar } = spawn('git', ['-C', tree, 'archive', '--format=tar', 'HEAD'], { stdio: ['ignore', 'pipe', 'ignore'] });
    return tar.pipe(new PassThrough().once('close', () => tar.destroy()));
  };
}

let builds = 0;
function request(context: () => Readable, changes: Partial<BuildRequest> = {}): BuildRequest {
  return {
    context,
    ignore: null,
    args: {},
    dockerfileText: `FROM busybox:1.37\nENV NONCE=${randomBytes(6).toString('hex')}\nCOPY . /app\n`,
    tag: `kosuke-test/${instance}:c${++builds}`,
    cacheNamespace: instance,
    noCache: false,
    timeoutMs: 60_000,
    ...changes,
  };
}

async function build(context: () => Readable, changes: Partial<BuildRequest> = {}): Promise<{ lines: LogLine[] }> {
  const lines: LogLine[] = [];
  const asked = request(context, changes);
  await builder.build(asked, (line) => lines.push(line), signal);
  assert.notEqual(await engine.image(asked.tag, signal), null);
  return { lines };
}

function stdout(lines: readonly LogLine[]): string[] {
  return lines.filter(({ stream }) => stream === 'stdout').map(({ text }) => text);
}

type Wish = { ignore?: string | null; copy?: string };

/** What the command writes in the folder of the files. */
async function output(context: () => Readable, command: string, { ignore = null, copy = 'COPY . /app' }: Wish = {}): Promise<string[]> {
  return stdout((await build(context, { ignore, dockerfileText: dockerfile(copy, command) })).lines);
}

async function steps(context: () => Readable): Promise<string[]> {
  return (await build(context, { dockerfileText: dockerfile('COPY . /app', 'true') })).lines.map(({ text }) => text);
}

function dockerfile(copy: string, command: string): string {
  return `FROM busybox:1.37\n${copy}\nRUN cd /app && ${command} # ${randomBytes(6).toString('hex')}\n`;
}

/** Path, mode as git has it, and content with `|` for its line ends, of each file. */
async function listing(context: () => Readable, wish: Wish = {}): Promise<string[]> {
  const one = 'if [ -x "$one" ]; then mode=755; else mode=644; fi; printf "%s 100%s %s\\\\n" "$one" $mode "$(tr "\\\\n" "|" < "$one")"';
  return await output(context, `find . -type f | LC_ALL=C sort | while read -r one; do ${one}; done`, wish);
}

/** What the process has open, but for what has no end of its own. */
function resources(): string {
  return process.getActiveResourcesInfo().toSorted().join(' ');
}

async function openSpools(): Promise<string[]> {
  const links = await Promise.all((await readdir('/proc/self/fd')).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')));
  return links.filter((target) => target.startsWith(spoolDir));
}

function failsWith(code: string, fault: 'app' | 'us', text: RegExp) {
  return (error: unknown) => {
    assert.ok(error instanceof KosukeError, String(error));
    assert.deepEqual([error.failure.code, error.failure.fault], [code, fault], JSON.stringify(error.failure));
    assert.match(error.message, text);
    return true;
  };
}
