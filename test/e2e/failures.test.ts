import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, test } from 'node:test';
import type { Files } from '../../src/demo/github/index.ts';
import { app } from '../support/apps.ts';
import { hostIn, newRepository, openPull, untilStatuses } from '../support/story.ts';
import { untilAnswers, untilComment, untilNothingLeft, untilServes, useWorld } from '../support/world.ts';

type Failing = { name: string; files: Files; deletions?: string[]; comment: RegExp[]; page: RegExp[] };

const failing: Failing[] = [
  {
    name: 'there is no Dockerfile',
    files: { 'README.md': '# Nothing to run\n' },
    deletions: ['Dockerfile'],
    comment: [/There is nothing to build for failing-0-team\/.* at [0-9a-f]{7}/, /no file named Dockerfile/, /Add a Dockerfile/],
    page: [/There is nothing to build/, /Add a Dockerfile/],
  },
  {
    name: 'a step of the build fails',
    files: app({ text: 'x', instruction: 'RUN echo the reason is here && exit 9' }),
    comment: [/The build failed/, /The command ended with exit code 9/, /the reason is here/, /RUN echo the reason/],
    page: [/The build failed/, /the reason is here/],
  },
  {
    name: 'the build takes longer than BUILD_TIMEOUT',
    files: app({ text: 'x', instruction: 'RUN echo slow && sleep 120' }),
    comment: [/The build/, /12 s/],
    page: [/The build/, /12 s/],
  },
  {
    name: 'the app never answers',
    files: app({ text: 'x', silent: true }),
    comment: [/did not answer on port 3000 within 3 s/, /status below 500/],
    page: [/did not answer on port 3000/],
  },
  {
    name: 'the app listens on several other ports',
    files: app({ text: 'x', listensOn: [8098, 8099] }),
    comment: [/does not listen on port 3000/, /listens on ports 8098 and 8099 instead/, /EXPOSE 8098 or EXPOSE 8099/],
    page: [/listens on ports 8098 and 8099 instead/],
  },
  {
    name: 'the app listens inside its container only',
    files: { ...app({ text: 'x' }), Dockerfile: 'FROM busybox:1.37\nEXPOSE 3000\nCMD ["httpd", "-f", "-p", "127.0.0.1:3000"]\n' },
    comment: [/listens on 127\.0\.0\.1:3000 only/, /Let the app listen on 0\.0\.0\.0:3000/],
    page: [/127\.0\.0\.1:3000 only/],
  },
  {
    name: 'the app exits at once',
    files: app({ text: 'x', exits: { code: 41, says: 'cannot find its database' } }),
    comment: [/exited with code 41/, /cannot find its database/],
    page: [/exited with code 41/, /cannot find its database/],
  },
  {
    name: 'the image brings a rule for Traefik',
    files: app({ text: 'x', labels: { 'traefik.http.routers.x.rule': 'Host(`project-1-victim.kosuke.localhost`)' } }),
    comment: [/traefik\.http\.routers\.x\.rule/, /only this program may set them|must not bring its own/, /Remove/],
    page: [/traefik\.http\.routers\.x\.rule/],
  },
  {
    name: 'the image brings one of our labels in capitals',
    files: app({ text: 'x', labels: { 'Kosuke.Edge': 'true' } }),
    comment: [/Kosuke\.Edge/, /Remove/],
    page: [/Kosuke\.Edge/],
  },
];

describe('a version that does not come up', () => {
  const world = useWorld({ HEALTH_TIMEOUT: '3s', BUILD_TIMEOUT: '12s' });

  describe('is explained and kept apart', { concurrency: 4 }, () => {
    for (const [at, { name, files, deletions, comment, page }] of failing.entries()) {
      test(`when ${name}: on its pull request and at its address`, async () => {
        const { github } = world();
        const repository = await newRepository(world(), `failing-${at}`);
        await github.commit({ repository, branch: 'feature/x', files, deletions });
        const pull = await github.openPullRequest({ repository, head: 'feature/x' });
        const { body } = await untilComment(world(), repository, pull.number, /🔴 Failed/);
        for (const words of comment) assert.match(body, words);
        assert.ok(body.includes(pull.head.sha.slice(0, 7)), body);
        const deployment = await untilStatuses(world(), { repository }, pull.head.sha, ['in_progress', 'failure']);
        assert.ok(deployment.statuses.at(-1)!.description.length > 10);

        const answer = await untilAnswers(world(), hostIn(body), 502, '');
        assert.equal(answer.headers['x-kosuke-state'], 'failed');
        for (const words of page) assert.match(answer.text, words);
        const html = await world().get(hostIn(body), { headers: { accept: 'text/html' } });
        assert.match(html.text, /<!doctype html>/i);
      });
    }

    test('for which the registry has no base image is its repository\'s failure', async () => {
      const { github } = world();
      const registry = await emptyRegistry();
      try {
        const files = { Dockerfile: `FROM ${registry.address}/missing:1\nCMD ["true"]\n` };
        const { repository, pull } = await openPull(world(), { repository: 'baseless', files });
        const { body } = await untilComment(world(), repository, pull.number, /🔴 Failed/);
        assert.match(body, new RegExp(`The build failed at .*${registry.address}/missing:1`));
        assert.match(body, /not found/);
        await untilStatuses(world(), { repository }, pull.head.sha, ['in_progress', 'failure']);
        await github.closePullRequest({ repository, number: pull.number });
      } finally {
        await registry.close();
      }
    });

    test('because a registry does not answer is nobody\'s failure there, and is tried again', async () => {
      const { github } = world();
      const registry = await emptyRegistry();
      await registry.close();
      const files = { Dockerfile: `FROM ${registry.address}/missing:1\nCMD ["true"]\n` };
      const { repository, pull, host } = await openPull(world(), { repository: 'unreachable', files });
      const { body } = await untilComment(world(), repository, pull.number, /🟡 Trying again/);
      assert.match(body, /not the fault of the repository/);
      assert.ok(body.includes(registry.address), body);
      await untilStatuses(world(), { repository }, pull.head.sha, ['in_progress', 'error']);
      await untilAnswers(world(), host, 502, 'tried again');
      await github.closePullRequest({ repository, number: pull.number });
      await untilComment(world(), repository, pull.number, /removed/);
    });

    test('is followed by the next push that is right', async () => {
      const { github } = world();
      const story = await openPull(world(), { repository: 'recovering', files: app({ text: 'x', exits: { code: 1, says: 'no' } }) });
      const { repository, branch, pull, host } = story;
      await untilComment(world(), repository, pull.number, /🔴 Failed/);
      await github.commit({ repository, branch, files: app({ text: 'right' }) });
      await untilServes(world(), host, 'right');
      await untilComment(world(), repository, pull.number, /Running/);
      await github.closePullRequest({ repository, number: pull.number });
    });
  });

  test('leaves nothing on the engine and holds no host', () => untilNothingLeft(world()));
});

/** A registry on loopback that speaks the protocol and has no image at all. `address` is `host:port`. */
async function emptyRegistry(): Promise<{ address: string; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    const status = request.url === '/v2/' ? 200 : 404;
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ errors: [{ code: 'MANIFEST_UNKNOWN', message: 'manifest unknown' }] }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { address: `127.0.0.1:${port}`, close };
}
