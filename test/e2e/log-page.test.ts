import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { startBrowser } from '../integration/gate/browser.ts';
import { app } from '../support/apps.ts';
import { eventually } from '../support/eventually.ts';
import { openPull, untilStatuses } from '../support/story.ts';
import { useWorld, type World } from '../support/world.ts';

/** A step that writes coloured lines for some seconds; no cache has ever seen it. */
function slowly(lines: number): string {
  return `RUN i=0; while [ $i -lt ${lines} ]; do i=$((i+1)); printf '\\033[1;32mtick\\033[0m %s <b>&amp;</b> \\033]0;title\\007\\n' $i; sleep 0.2; done; echo ${randomUUID()}`;
}

describe('the log of a deployment', () => {
  const world = useWorld();
  let browser: Browser;
  before(async () => {
    browser = await startBrowser();
  });
  after(() => browser?.close());

  test('is watched live at the address that GitHub shows, through a kill and restart of the program, to the outcome and a preview that answers', async () => {
    const { github, program } = world();
    const story = await openPull(world(), { repository: 'watched', branch: 'look/on', files: app({ text: 'watched', instruction: slowly(40) }) });
    const { sha } = story.pull.head;
    const [status] = (await untilStatuses(world(), story, sha, ['in_progress'])).statuses;
    const address = status!.logUrl;

    const pages = [await opened(browser, address), await opened(browser, await throughTraefik(world(), address))];
    for (const { page } of pages) {
      assert.match((await page.textContent('h1'))!, /Building|Waiting/);
      await page.getByText('tick 3 <b>&amp;</b>').waitFor();
      assert.equal(await page.locator('.log .b.c2').first().textContent(), 'tick');
      assert.match((await page.locator('li.inner', { hasText: 'RUN i=0' }).textContent())!, /…/);
    }

    await program.kill();
    await program.start();
    for (const { page, complaints } of pages) {
      await page.getByText('Attempt 2: the build begins anew').waitFor({ timeout: 20_000 });
      await page.getByRole('heading', { name: 'Live', exact: true }).waitFor({ timeout: 40_000 });
      assert.equal(await page.evaluate('window.sameDocument'), true, 'it was never loaded anew');
      const shown = await page.locator('.log .block > div').allTextContents();
      const kept = (await world().get(`${address}?format=text`)).text.trimEnd().split('\n').map((line) => line.replace(/^==> /, ''));
      assert.deepEqual(shown, kept);
      const ticks = shown.flatMap((line) => /^tick (\d+) <b>&amp;<\/b> $/.exec(line)?.[1] ?? []).map(Number);
      assert.deepEqual(ticks.slice(-40), Array.from({ length: 40 }, (_, n) => n + 1));
      assert.ok(ticks.length > 43, 'what was written before the kill is there');
      assert.equal(await page.locator('li.inner', { hasText: 'COPY index.html' }).locator('.time').textContent(), 'cached');
      assert.match((await page.locator('li.inner', { hasText: 'RUN i=0' }).locator('.time').textContent())!, /^\d+(\.\d)? s$/);
      assert.deepEqual(complaints, []);

      await page.getByRole('link', { name: 'Open the preview' }).click();
      await page.getByText('watched', { exact: true }).waitFor();
      assert.equal(new URL(page.url()).origin, new URL(world().url(story.host)).origin);
    }
    assert.equal(github.deployments(story.repository).filter((each) => each.sha === sha).length, 1);
  });
});

async function opened(browser: Browser, address: string): Promise<{ page: Page; complaints: string[] }> {
  const page = await browser.newPage();
  const complaints: string[] = [];
  // While the program is away nobody answers, or Traefik does with a status of its own.
  page.on('console', (message) => {
    if (!/ERR_(CONNECTION|INCOMPLETE|EMPTY)|status of 50[234]/.test(message.text())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(address);
  await page.evaluate('window.sameDocument = true');
  return { page, complaints };
}

/** The same page as it is reached in production: by the program's own host, over Traefik. */
async function throughTraefik(world: World, address: string): Promise<string> {
  const { TRAEFIK_DYNAMIC_DIR: directory = '', GATE_URL: program = '' } = world.program.env;
  const host = 'pages.kosuke.localhost';
  await writeFile(
    join(directory, 'program.yml'),
    JSON.stringify({
      http: {
        routers: { program: { rule: `Host(\`${host}\`)`, entryPoints: ['web'], service: 'program' } },
        services: { program: { loadBalancer: { servers: [{ url: program }] } } },
      },
    }),
  );
  const through = `http://${host}:${world.traefik!.port}${new URL(address).pathname}`;
  await eventually('Traefik leads to the program', async () => (await world.get(through)).status === 200);
  return through;
}
