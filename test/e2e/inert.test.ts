import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
import type { Files } from '../../src/demo/github/index.ts';
import { hostileTexts } from '../fixtures/hostile-texts.ts';
import { startBrowser } from '../integration/gate/browser.ts';
import { app } from '../support/apps.ts';
import { command } from '../support/command.ts';
import { actingCharacters, anatomy, visibleWords } from '../support/inert.ts';
import { hostIn, newRepository, untilRunning, type Story } from '../support/story.ts';
import { reachOf, watchedPage } from '../support/watched-page.ts';
import { untilAnswers, untilComment, untilServes, useWorld } from '../support/world.ts';

/** Everything at once that a name or a title may hold. */
const title = '</details> ``` @org/team #1 [shown](http://evil.test/) ![x](http://evil.test/x.png) www.evil.test <script>document.title="evil"</script> \u001b]0;evil\u0007\u009b2J\u202e';
const branchOf = (name: string) => `${name}/"'><img/src=x/onerror=alert(1)><script>document.title="evil"</script>\`@org/team(www.evil.test)\u202e\u009b2J\u200b`;

/** What prints every hostile text, a line each, from the base64 that stands in the Dockerfile. */
const printed = `echo ${Buffer.from(`${Object.values(hostileTexts).join('\n')}\n`).toString('base64')} | base64 -d`;
const dockerfile = (...lines: string[]): Files => ({ Dockerfile: `FROM busybox:1.37\nEXPOSE 3000\n${lines.join('\n')}\n` });

const stages: Record<string, { files: Files; state: RegExp }> = {
  'of a build that fails': { files: dockerfile(`RUN ${printed} && echo '</details> @org/team <script>alert(1)</script> [shown](http://evil.test/)' && exit 9`), state: /🔴 Failed/ },
  'of an app that exits': { files: dockerfile(`CMD ["sh", "-c", "${printed} >&2; exit 41"]`), state: /🔴 Failed/ },
  'of an image that brings a label': { files: dockerfile('CMD ["true"]', `LABEL "traefik.</details>@org/team <script>alert(1)</script> shown"="[x](http://evil.test/)"`), state: /🔴 Failed/ },
  'of a preview that runs': { files: app({ text: 'runs', instruction: `RUN echo ${randomUUID()} && ${printed}` }), state: /Running/ },
};

describe('what somebody pushed is text and nothing else', () => {
  const world = useWorld({ LOG_LEVEL: 'trace', HEALTH_TIMEOUT: '10s' });
  const stories = new Map<string, Story & { log: string }>();
  let browser: Browser;
  before(async () => {
    browser = await startBrowser();
    const { github } = world();
    await Promise.all(
      Object.entries(stages).map(async ([name, { files, state }], at) => {
        const repository = await newRepository(world(), `hostile-${at}`);
        const branch = branchOf(`b${at}`);
        await github.commit({ repository, branch, files, message: title });
        const pull = await github.openPullRequest({ repository, head: branch, title });
        const { body } = await untilComment(world(), repository, pull.number, state);
        stories.set(name, { repository, branch, pull, host: hostIn(body), log: /\[Log\]\((http[^)]+)\)/.exec(body)![1]! });
      }),
    );
  });
  after(() => browser?.close());

  const origins = () => [world().github.url, `http://127.0.0.1:${world().program.env['PORT']}`];
  const isOurs = (url: URL) => origins().includes(url.origin) || (url.hostname.endsWith('.kosuke.localhost') && url.port === String(world().traefik?.port));

  for (const name of Object.keys(stages)) {
    test(`${name}: in the comment`, async () => {
      const { repository, pull } = stories.get(name)!;
      const { body } = await untilComment(world(), repository, pull.number, stages[name]!.state);
      for (const part of anatomy(body)) {
        const [kind, ...rest] = part.split(' ');
        if (kind === 'link') assert.ok(isOurs(new URL(rest.join(' '))), part);
        else if (kind === 'html') assert.match(rest.join(' '), /^(?:<!-- kosuke-preview -->|<details><summary>The end of the log<\/summary>|<\/details>)$/);
        else assert.match(part, /^(?:table|code)$/);
      }
      assert.doesNotMatch(visibleWords(body), /@[\w/]/);
      assert.doesNotMatch(actingCharacters(body), /U\+(?!200b)/);
      if (name !== 'of a preview that runs') assert.match(visibleWords(body), /shown/);
      const said = world().github.deployments(repository).flatMap(({ description, statuses }) => [description ?? '', ...statuses.map((status) => status.description)]);
      assert.equal(actingCharacters(said.join('')), '');
    });

    test(`${name}: on the pages of GitHub, of the gate and of the log, in a real browser`, async () => {
      const { pull, host, log } = stories.get(name)!;
      const { page, complaints } = await watchedPage(browser, isOurs);
      for (const address of [pull.pageUrl, world().url(host), `${world().url('project-1-nothing')}/?q=${encodeURIComponent(title)}`, log]) {
        await page.goto(address, { waitUntil: 'domcontentloaded' });
        const { addresses, handlers } = await reachOf(page);
        assert.deepEqual(handlers, [], address);
        for (const to of addresses) assert.ok(to.startsWith('data:') || isOurs(new URL(to, address)), `${to} on ${address}`);
        assert.notEqual(await page.title(), 'evil', address);
        await page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })");
        assert.deepEqual(complaints(), [], address);
        if (address !== pull.pageUrl) assert.equal(actingCharacters((await page.textContent('body')) ?? ''), '', address);
      }
      await page.goto(log, { waitUntil: 'domcontentloaded' });
      if (name.startsWith('of a build') || name.includes('runs')) assert.match((await page.textContent('main')) ?? '', /<img src="http:\/\/evil\.test\/a\.png" onerror="alert\(1\)">/);
      await page.close();
    });

    test(`${name}: in plain text and JSON`, async () => {
      const { host, log } = stories.get(name)!;
      for (const accept of ['text/plain', 'application/json']) {
        for (const address of [host, log, `${log}?format=text`]) {
          const { text } = await world().get(address, { headers: { accept } });
          assert.equal(actingCharacters(text), '', `${address} in ${accept}`);
        }
      }
    });

    test(`${name}: in the output of the commands`, async () => {
      const { host, branch, repository } = stories.get(name)!;
      const commands = [['list'], ['list', '--json'], ['logs', host], ['logs', host, '--json'], ['logs', `${repository.fullName}@${branch}`], ['redeploy', host], ['sleep', host], ['wake', host], ['sweep'], ['logs', branch]];
      for (const words of commands) {
        const { out, err } = await command(world(), ...words);
        assert.notEqual(`${out}${err}`, '', words.join(' '));
        assert.equal(actingCharacters(`${out}${err}`), '', words.join(' '));
        if (words[0] === 'logs' && words.length === 2 && words[1] === host && name.includes('build')) assert.match(out, /shown/);
      }
    });
  }

  test('is in the environment of its app as it is, and serves', async () => {
    const { repository, pull, host, branch } = stories.get('of a preview that runs')!;
    await untilServes(world(), host, 'runs');
    await untilRunning(world(), host);
    const container = (await world().remains()).containers.find((name) => name.startsWith(`kosuke-preview-${host}-`)) ?? '';
    assert.ok((await world().docker.getContainer(container).inspect()).Config.Env.includes(`PREVIEW_BRANCH=${branch}`));
    await world().github.closePullRequest({ repository, number: pull.number });
    await untilAnswers(world(), host, 410, '');
  });

  test('steers no terminal that shows the log of the program', async () => {
    const text = await readFile(world().program.logFile, 'utf8');
    assert.match(text, /"level":20/);
    assert.equal(actingCharacters(text), '');
  });
});
