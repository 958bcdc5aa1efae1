import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { KosukeError } from '../../../src/domain/errors.ts';
import { commentReports, statusReports } from '../../../src/reconcile/reports.ts';
import type { Worker } from '../../../src/reconcile/worker.ts';
import { fakeReconciler, sha } from '../../support/fakes/reconciler.ts';

let world: Awaited<ReturnType<typeof fakeReconciler>>;
let stop: AbortController;
let comments: Worker;
let statuses: Worker;
/** What GitHub was asked to write, in order: `comment <body>`, `deployment <commit>`, `<status> <deployment>`. */
let said: string[];
let away: boolean;

beforeEach(async () => {
  world = await fakeReconciler();
  await world.sighted();
  stop = new AbortController();
  comments = commentReports(world.deps, stop.signal);
  statuses = statusReports(world.deps, stop.signal);
  said = [];
  away = false;
  let deployments = 0;
  const say = <T>(what: string, answer: () => T): Promise<T> => {
    if (away) return Promise.reject(new KosukeError({ code: 'github', fault: 'us', what: 'GitHub did not answer', why: 'status 502', next: '' }));
    said.push(what);
    return Promise.resolve(answer());
  };
  Object.assign(world.deps.reporter, {
    putComment: ({ body }) => say(`comment ${body}`, () => ({ commentId: 5 })),
    createDeployment: (of) => say(`deployment ${of.sha}`, () => ({ id: (deployments += 1) })),
    createStatus: ({ status, githubDeploymentId }) => say(`${status} ${githubDeploymentId}`, () => undefined),
  } satisfies typeof world.deps.reporter);
});
afterEach(async () => {
  stop.abort();
  await world.close();
});

/** Writes whatever may be written now. */
const write = async (worker: Worker) => {
  for (let piece = await worker.claim(); piece !== null; piece = await worker.claim()) await piece();
};
const untilLive = (commit: string) =>
  world.work(async () => {
    await write(statuses);
    const { id } = await world.preview('a');
    return (await world.store.deployments.ofPreview(id)).some((each) => each.sha === commit && each.state === 'live');
  });

describe('what GitHub is told', () => {
  test('is one comment, written at once, then edited 5 s apart at least, with the newest of what came meanwhile', async () => {
    await world.push('a', sha('a'));
    const { id } = await world.preview('a');
    const begun = Date.parse('2026-11-23T10:00:00Z');
    let ms = 0;
    world.clock.now = () => new Date(begun + ms);
    const wish = (body: string) => world.store.reports.wishComment(id, 1, body, { frozen: false }, world.clock.now());

    await wish('one');
    await write(comments);
    assert.deepEqual(said, ['comment one']);
    await wish('two');
    await wish('three');
    for (ms of [0, 4_999]) await write(comments);
    assert.deepEqual(said, ['comment one']);
    assert.deepEqual(await comments.nextDue(), new Date(begun + 5_000));
    ms = 5_000;
    await write(comments);
    assert.deepEqual(said, ['comment one', 'comment three']);
    ms = 60_000;
    await write(comments);
    assert.equal(said.length, 2);
  });

  test('is at most five requests in the life of a deployment: one that waited longer than 10 s, was live, and was replaced', async () => {
    await world.push('a', sha('a'));
    const pass = await world.workers.passes.claim();
    await pass!();
    await write(statuses);
    assert.equal(said.length, 0, 'one that has only just been queued is not mentioned');
    world.clock.offsetMs += 10_001;
    const later = await world.workers.passes.claim();
    await later!();
    await write(statuses);
    assert.deepEqual(said, [`deployment ${sha('a')}`, 'queued 1']);
    for (const [id, commit] of [[1, sha('a')], [2, sha('b')]] as const) {
      world.edge.status.set(id, 502);
      if (id === 2) await world.push('a', commit);
      await world.work(async () => (await world.newest('a')).state === 'starting');
      await write(statuses);
      world.edge.status.set(id, 200);
      await untilLive(commit);
    }
    await world.work();
    await write(statuses);
    assert.deepEqual(said.filter((what) => what.endsWith(' 1') || what.endsWith(sha('a'))), [
      `deployment ${sha('a')}`,
      'queued 1',
      'in_progress 1',
      'success 1',
      'inactive 1',
    ]);
    assert.deepEqual(said.filter((what) => what.endsWith(' 2') || what.endsWith(sha('b'))), [`deployment ${sha('b')}`, 'in_progress 2', 'success 2']);
  });

  test('is nothing of what began less than 400 ms ago, and all of what takes longer', async () => {
    const frozen = world.clock.now().getTime();
    world.clock.now = () => new Date(frozen + world.clock.offsetMs);
    world.edge.status.set(1, 502);
    await world.push('a', sha('a'));
    world.openPull(1, 'a');
    await world.work();
    assert.equal((await world.newest('a')).state, 'starting');
    await write(statuses);
    await write(comments);
    assert.deepEqual(said, []);
    world.clock.offsetMs += 400;
    await world.work();
    await write(statuses);
    await write(comments);
    assert.deepEqual(said.slice(0, 2), [`deployment ${sha('a')}`, 'in_progress 1']);
    assert.match(said[2] ?? '', /^comment [\s\S]*Starting/);
  });

  test('comes later while GitHub is away; deployments do not', async () => {
    away = true;
    await world.push('a', sha('a'));
    world.openPull(1, 'a');
    await untilLive(sha('a'));
    await write(comments);
    assert.equal((await world.preview('a')).state, 'running');
    assert.equal(said.length, 0);
    away = false;
    world.clock.offsetMs += 600_000;
    await world.work();
    await write(statuses);
    await write(comments);
    assert.deepEqual(said.slice(0, 2), [`deployment ${sha('a')}`, 'success 1']);
    assert.match(said[2] ?? '', /^comment [\s\S]*🟢 Running/);
    assert.equal(said.length, 3);
  });

  test('is said within a minute of GitHub coming back after half an hour, once, with what holds then; previews were deployed all the time', async () => {
    away = true;
    await world.push('a', sha('a'));
    world.openPull(1, 'a');
    await untilLive(sha('a'));
    await world.push('a', sha('b'));
    await untilLive(sha('b'));
    for (let minute = 0; minute < 30; minute += 1) {
      world.clock.offsetMs += 60_000;
      await world.work();
      await write(statuses);
      await write(comments);
    }
    assert.equal((await world.preview('a')).state, 'running');
    assert.equal(said.length, 0);
    away = false;
    world.clock.offsetMs += 60_000;
    await write(statuses);
    await write(comments);
    assert.deepEqual(said.filter((what) => what.startsWith('comment')).length, 1);
    assert.match(said.find((what) => what.startsWith('comment')) ?? '', /bbbbbbb.* is live/);
    assert.ok(said.includes(`deployment ${sha('b')}`));
    assert.equal(said.filter((what) => what.startsWith('success')).length, 1);
  });

  test('waits for the end of a pause that GitHub named, and not much longer, however often it was tried before', async () => {
    await world.push('a', sha('a'));
    world.openPull(1, 'a');
    const { putComment } = world.deps.reporter;
    let begun = 0;
    let pauseUntil: Date | null = null;
    world.deps.reporter.putComment = (...given) => {
      begun += 1;
      if (pauseUntil === null) return Promise.reject(new KosukeError({ code: 'github', fault: 'us', what: 'GitHub did not answer', why: 'status 502', next: '' }));
      if (world.clock.now() >= pauseUntil) return putComment(...given);
      return Promise.reject(new KosukeError({ code: 'github', fault: 'us', what: 'GitHub is not asked just now', why: '', next: '' }, { notBefore: pauseUntil }));
    };
    await untilLive(sha('a'));
    await world.work();
    for (let tries = 0; tries < 5; tries += 1) {
      await write(comments);
      world.clock.offsetMs += 61_000;
    }
    pauseUntil = new Date(world.clock.now().getTime() + 600_000);
    await write(comments);
    const before = begun;
    world.clock.offsetMs += 500_000;
    await write(comments);
    assert.equal(begun, before, 'it is not tried before');
    world.clock.offsetMs += 101_000;
    await write(comments);
    assert.match(said.at(-1) ?? '', /^comment /);
  });
});
