import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, test } from 'node:test';
import { app, slowStep } from '../support/apps.ts';
import { eventually } from '../support/eventually.ts';
import { processesWith } from '../support/processes.ts';
import { openServing, untilStatuses } from '../support/story.ts';
import { tally, visitors } from '../support/visitors.ts';
import { untilComment, useWorld } from '../support/world.ts';

describe('two pushes', { concurrency: 2 }, () => {
  const world = useWorld();

  test('200 ms apart: only the last one ever goes live', async (context) => {
    const { github } = world();
    const { repository, branch, pull, host } = await openServing(world(), { repository: 'quick', text: 'old' });
    const coming = visitors(context, world(), host, { everyMs: 20 });
    const first = await github.commit({ repository, branch, files: app({ text: 'overtaken' }) });
    await delay(200);
    const last = await github.commit({ repository, branch, files: app({ text: 'last' }) });
    await coming.untilMet('last');
    await untilComment(world(), repository, pull.number, new RegExp(`${last.slice(0, 7)}.* is live`));
    const met = tally(await coming.stop());
    assert.deepEqual(Object.keys(met), ['old', 'last'], JSON.stringify(met));
    for (const deployment of github.deployments(repository).filter(({ sha }) => sha === first)) {
      assert.ok(!deployment.statuses.some(({ state }) => state === 'success'), 'the overtaken commit was said to be a success');
    }
  });

  test('the second of which comes during the build of the first: that build stops within 2 s and never goes live', async (context) => {
    const { github } = world();
    const { repository, branch, pull, host } = await openServing(world(), { repository: 'slow', text: 'old' });
    const coming = visitors(context, world(), host, { everyMs: 20 });
    const first = await github.commit({ repository, branch, files: app({ text: 'overtaken', instruction: slowStep(23) }) });
    await eventually('the first one is in its slow step', async () => (await processesWith('sleep 23')).length > 0);
    const last = await github.commit({ repository, branch, files: app({ text: 'last' }) });
    const pushed = performance.now();
    await eventually('the first build is stopped', async () => (await processesWith('sleep 23')).length === 0, { within: 5_000, every: 20 });
    const ran = performance.now() - pushed;
    assert.ok(ran < 2_000, `it ran on for ${Math.round(ran)} ms`);
    await coming.untilMet('last');
    const met = tally(await coming.stop());
    assert.deepEqual(Object.keys(met), ['old', 'last'], JSON.stringify(met));
    await untilStatuses(world(), { repository }, first, ['in_progress', 'inactive']);
    await untilStatuses(world(), { repository }, last, ['in_progress', 'success']);
    await untilComment(world(), repository, pull.number, new RegExp(`${last.slice(0, 7)}.* is live`));
  });
});
