import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { unreadFeature } from '../../src/domain/frontend-features.ts';
import { engineForTest } from '../support/engine.ts';
import { hostIn, newRepository } from '../support/story.ts';
import { untilAnswers, untilComment, untilNothingLeft, untilServes, useWorld, type World } from '../support/world.ts';

const { docker } = engineForTest();
const start = 'EXPOSE 3000\nCMD ["httpd", "-f", "-p", "3000", "-h", "/www"]\n';
const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${'4d'.repeat(32)}\nsize 12345\n`;

/** What a person pushes: files, links (`{ to }`), and the places of submodules (`{ commit }`). */
type Tree = Record<string, string | Buffer | { to: string } | { commit: string }>;

describe('trees as people have them', () => {
  const world = useWorld();
  const root = mkdtemp(join(tmpdir(), 'kosuke-trees-'));
  const opened: [Awaited<ReturnType<typeof newRepository>>, number][] = [];
  after(async () => rm(await root, { recursive: true }));

  describe('are built as a person expects, or told why not', { concurrency: 3 }, () => {
    test('what the engine is too old for is told as that, with its line; a newer engine builds it', async () => {
      const dockerfile = `# syntax=docker/dockerfile:1\n\nFROM busybox:1.37\nCOPY --link index.html /www/\n${start}`;
      const { body, host } = await pushed(world(), 'linked-layers', { Dockerfile: dockerfile, 'index.html': 'linked' });
      const { Version: version } = await docker.version();
      if (unreadFeature(dockerfile, 'parse error line 4: Unknown flag: link', version) === null) {
        await untilServes(world(), host, 'linked');
        return;
      }
      const comment = await body(/too old for COPY/);
      assert.match(comment, /not the fault of the repository/);
      await untilAnswers(world(), host, 502, 'is too old for COPY --link');
      assert.ok(comment.includes(`Docker Engine ${version.replace(/[+~].*/, '')} is too old`), comment);
      assert.match(comment, /line 4 of the Dockerfile is .*--link index\.html/);
      assert.match(comment, /The operator of this server updates Docker to 23\.0 or newer/);
      assert.match(comment, /syntax=docker\/dockerfile:1.* is not honoured/);
    });

    test('a Dockerfile and rules that are links are followed', async () => {
      const { body, host } = await pushed(world(), 'links', {
        'docker/Dockerfile.web': `FROM busybox:1.37\nCOPY . /www/\n${start}`,
        'docker/rules': 'secret.txt\n',
        Dockerfile: { to: 'docker/Dockerfile.web' },
        '.dockerignore': { to: './docker/rules' },
        'index.html': 'through a link',
        'secret.txt': 'secret',
      });
      await untilServes(world(), host, 'through a link');
      assert.equal((await world().get(host, { path: '/secret.txt' })).status, 404);
      await body(/Running/);
    });

    test('a Dockerfile that is a link out of the repository is the repository’s failure', async () => {
      const { body } = await pushed(world(), 'links-out', { Dockerfile: { to: '/etc/passwd' } });
      assert.match(await body(/🔴 Failed/), /The link Dockerfile at .*cannot be followed to \/etc\/passwd.*it leads out of the repository/);
    });

    test('rules that are a link out of the repository are none, and the log says so', async () => {
      const { body, host, logUrl } = await pushed(world(), 'rules-out', { Dockerfile: `FROM busybox:1.37\nCOPY index.html /www/\n${start}`, '.dockerignore': { to: '/etc/rules' }, 'index.html': 'without rules' });
      await untilServes(world(), host, 'without rules');
      assert.match(await (await fetch(logUrl(await body(/Running/)))).text(), /The link \.dockerignore at .* cannot be followed to \/etc\/rules.* Its rules do not count/);
    });

    test('a dockerfile in small letters is taken', async () => {
      const { host } = await pushed(world(), 'small-letters', { dockerfile: `FROM busybox:1.37\nCOPY index.html /www/\n${start}`, 'index.html': 'small letters' });
      await untilServes(world(), host, 'small letters');
    });

    test('pointers of LFS and submodules are built as they are, and log and comment say so; what is ignored is not spoken of', async () => {
      const { body, host, logUrl } = await pushed(world(), 'pointers', {
        Dockerfile: `FROM busybox:1.37\nCOPY . /www/\n${start}`,
        '.gitattributes': '*.png filter=lfs diff=lfs merge=lfs -text\n',
        '.dockerignore': 'docs\n',
        'public/logo.png': pointer,
        'docs/big.png': pointer,
        'index.html': 'pointers',
        'vendor/lib': { commit: '1'.repeat(40) },
      });
      await untilServes(world(), host, 'pointers');
      assert.match((await world().get(host, { path: '/public/logo.png' })).text, /^version https:\/\/git-lfs/);
      const comment = await body(/Submodules are not fetched/);
      assert.match(comment, /🟢 Running/);
      assert.match(comment, /LFS contents are not fetched.*public\/logo\.png/);
      assert.match(comment, /vendor\/lib/);
      assert.doesNotMatch(comment, /docs\/big\.png/);
      const log = await (await fetch(logUrl(comment))).text();
      for (const words of [/LFS contents are not fetched/, /Submodules are not fetched/]) assert.match(log, words);
    });

    test('a build that asks for .git is told what there is instead, and with that it runs, each commit with its own', async () => {
      const story = await pushed(world(), 'history', { Dockerfile: `FROM busybox:1.37\nCOPY .git /www/.git\n${start}` });
      const comment = await story.body(/🔴 Failed/);
      assert.match(comment, /line 2 of the Dockerfile/);
      await untilAnswers(world(), story.host, 502, '.git is no part of a build');
      assert.match(comment, /\.git is no part of a build/);
      for (const name of ['KOSUKE_COMMIT', 'KOSUKE_BRANCH', 'SOURCE_DATE_EPOCH']) assert.ok(comment.includes(name.replaceAll('_', '\\_')) || comment.includes(name), name);
      const write = 'RUN mkdir /www && echo "$KOSUKE_COMMIT of $KOSUKE_BRANCH at $SOURCE_DATE_EPOCH" > /www/index.html\n';
      const first = await story.push({ Dockerfile: `FROM busybox:1.37\nARG KOSUKE_COMMIT KOSUKE_BRANCH SOURCE_DATE_EPOCH\n${write}${start}` });
      const { text } = await untilServes(world(), story.host, `${first} of feature/x at `);
      assert.ok(Math.abs(Number(/at (\d+)/.exec(text)?.[1]) - Date.now() / 1000) < 3_600, text);
      const second = await story.push({});
      await untilServes(world(), story.host, `${second} of feature/x at `);
    });

    test('a dead link in ADD is the repository’s failure, with its line', async () => {
      const nothing = createServer((_request, response) => response.writeHead(404).end());
      await new Promise<void>((resolve) => nothing.listen(0, '127.0.0.1', resolve));
      try {
        const { port } = nothing.address() as AddressInfo;
        const { body } = await pushed(world(), 'dead-link', { Dockerfile: `FROM busybox:1.37\n\nADD http://127.0.0.1:${port}/gone.tar.gz /www/\n${start}` });
        const comment = await body(/🔴 Failed/);
        assert.match(comment, /line 3 of the Dockerfile/);
        assert.match(comment, /invalid response status 404/);
      } finally {
        nothing.close();
      }
    });

    test('a Dockerfile in UTF-16 is called that', async () => {
      const { body, host } = await pushed(world(), 'wide', { Dockerfile: Buffer.from(`\uFEFFFROM busybox:1.37\r\n${start}`, 'utf16le') });
      assert.match(await body(/🔴 Failed/), /The Dockerfile is UTF-16 text.*Save it as UTF-8/s);
      await untilAnswers(world(), host, 502, 'UTF-16');
    });
  });

  test('leave nothing behind', async () => {
    const { github } = world();
    for (const [repository, number] of opened) await github.closePullRequest({ repository, number });
    await untilNothingLeft(world());
  });

  /** A pull request of exactly this tree, pushed with git. `body` waits for its comment; `push` adds to the tree and resolves with the commit. */
  async function pushed(there: World, name: string, tree: Tree) {
    const repository = await newRepository(there, name);
    const dir = join(await root, name);
    await mkdir(dir);
    const git = async (...args: string[]) => (await run('git', ['-C', dir, ...me, ...args], { env })).stdout.trim();
    await git('clone', '--quiet', there.github.personUrl(repository, `${name}-team`), '.');
    await git('checkout', '--quiet', '-b', 'feature/x');
    await git('rm', '-r', '-q', '.');
    const push = async (changes: Tree) => {
      for (const [path, content] of Object.entries(changes)) await put(dir, git, path, content);
      await git('commit', '--quiet', '--allow-empty', '-m', 'change');
      await git('push', '--quiet', 'origin', 'HEAD');
      return await git('rev-parse', 'HEAD');
    };
    await push(tree);
    const pull = await there.github.openPullRequest({ repository, head: 'feature/x' });
    opened.push([repository, pull.number]);
    const body = async (pattern: RegExp) => (await untilComment(there, repository, pull.number, pattern)).body;
    const logUrl = (comment: string) => /\[Log\]\(([^)]+)\)/.exec(comment)![1]!;
    return { push, body, logUrl, host: hostIn(await body(/\]\(http/)) };
  }
});

async function put(dir: string, git: (...args: string[]) => Promise<string>, path: string, content: Tree[string]): Promise<void> {
  if (typeof content === 'object' && 'commit' in content) {
    await git('update-index', '--add', '--cacheinfo', `160000,${content.commit},${path}`);
    return;
  }
  await mkdir(dirname(join(dir, path)), { recursive: true });
  await rm(join(dir, path), { force: true });
  await (typeof content === 'object' && 'to' in content ? symlink(content.to, join(dir, path)) : writeFile(join(dir, path), content));
  await git('add', '--', path);
}

const run = promisify(execFile);
const env = { PATH: process.env.PATH ?? '/usr/bin:/bin', HOME: '/nonexistent', GIT_TERMINAL_PROMPT: '0', GIT_CONFIG_NOSYSTEM: '1' };
const me = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.org'];
