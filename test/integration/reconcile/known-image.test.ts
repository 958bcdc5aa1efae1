import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { KosukeError } from '../../../src/domain/errors.ts';
import { FetchRefused } from '../../../src/reconcile/ports/git.ts';
import { createKnownImages } from '../../../src/reconcile/known-image.ts';
import { fakeReconciler, sha } from '../../support/fakes/reconciler.ts';

/** Commits that begin with the same four digits have the same files. */
const sameFiles = (ending: string) => `${'a'.repeat(39)}${ending}`;

test('a push that changes no file is neither fetched nor built', async (context) => {
  const { world, fetched } = await start(context);
  await deploy(world, sameFiles('1'));
  await deploy(world, sameFiles('2'));
  assert.deepEqual(world.build.ran, [sameFiles('1')]);
  assert.deepEqual(fetched, [{ sha: sameFiles('1'), outcome: 'done' }, { sha: sameFiles('2'), outcome: 'given up' }]);
  const { state, fetchedAt } = await world.newest('a');
  assert.deepEqual([state, fetchedAt], ['live', null]);
});

test('when GitHub does not name the tree, the commit is fetched, and its image still found', async (context) => {
  const { world, fetched } = await start(context);
  await deploy(world, sameFiles('1'));
  world.deps.codeHost.tree = () => Promise.reject(new Error('502'));
  await deploy(world, sameFiles('2'));
  assert.deepEqual(world.build.ran, [sameFiles('1')]);
  assert.deepEqual(fetched.at(-1), { sha: sameFiles('2'), outcome: 'done' });
});

test('an image that is known and gone is built again', async (context) => {
  const { world, fetched } = await start(context);
  await deploy(world, sameFiles('1'));
  world.engine.images.clear();
  await deploy(world, sameFiles('2'));
  assert.deepEqual(world.build.ran, [sameFiles('1'), sameFiles('2')]);
  assert.deepEqual(fetched.at(-1), { sha: sameFiles('2'), outcome: 'done' });
});

test('a commit that is told of itself gets an image of its own, although its files were built before', async (context) => {
  const { world, fetched } = await start(context);
  world.build.dockerfile = 'FROM busybox\nARG KOSUKE_COMMIT\nARG KOSUKE_BRANCH SOURCE_DATE_EPOCH\n';
  await deploy(world, sameFiles('1'));
  await deploy(world, sameFiles('2'));
  assert.deepEqual(world.build.ran, [sameFiles('1'), sameFiles('2')]);
  assert.deepEqual(world.build.args, [sameFiles('1'), sameFiles('2')].map((commit) => ({ KOSUKE_COMMIT: commit, KOSUKE_BRANCH: 'a', SOURCE_DATE_EPOCH: '1700000000' })));
  assert.deepEqual(fetched.at(-1), { sha: sameFiles('2'), outcome: 'done' });
});

test('a Dockerfile that is told the branch only gets one image of a branch', async (context) => {
  const { world } = await start(context);
  world.build.dockerfile = 'FROM busybox\nARG KOSUKE_BRANCH\n';
  await deploy(world, sameFiles('1'));
  await deploy(world, sameFiles('2'));
  assert.deepEqual(world.build.ran, [sameFiles('1')]);
  assert.deepEqual(world.build.args, [{ KOSUKE_BRANCH: 'a' }]);
});

test('what was not fetched is noted on every deployment of the files, in its log, too, also where nothing is fetched or built', async (context) => {
  const { world, fetched } = await start(context);
  world.build.submodules = ['vendor/lib'];
  await deploy(world, sameFiles('1'));
  await deploy(world, sameFiles('2'));
  assert.deepEqual(fetched.at(-1), { sha: sameFiles('2'), outcome: 'given up' });
  for (const { id, notes } of await world.store.deployments.ofPreview((await world.preview('a')).id)) {
    assert.deepEqual(notes.map(({ code }) => code), ['submodules']);
    assert.ok((await world.store.deployments.log(id)).some(({ text }) => text === notes[0]!.text), 'the log says it');
  }
});

test('an engine that is too old for a build is waited for without a time, and the row says which one it was', async (context) => {
  const { world } = await start(context);
  const failure = { code: 'engine-too-old', fault: 'us', what: 'too old', why: '', next: '', engineVersion: 'fake' } as const;
  world.build.dockerfile = '# syntax=docker/dockerfile:1\nFROM busybox\n';
  world.build.run = () => Promise.reject(new KosukeError(failure));
  await world.push('a', sha('b'));
  await world.work(async () => {
    const [preview] = await world.store.previews.all();
    const deployments = preview === undefined ? [] : await world.store.deployments.ofPreview(preview.id);
    return deployments.some((one) => one.failure !== null);
  });
  await world.work();
  assert.deepEqual(world.build.ran, [sha('b')], 'it is not tried again and again');
  const { state, failure: written, retryAt, attempts, notes } = await world.newest('a');
  assert.deepEqual([state, written, retryAt, attempts], ['error', failure, null, 1]);
  assert.deepEqual(notes.map(({ code }) => code), ['syntax-not-honoured']);
});

test('a kept token that was withdrawn is replaced by a new one, once', async (context) => {
  const { world } = await start(context);
  const tokens: string[] = [];
  const refuse = new FetchRefused({ code: 'git', fault: 'us', what: 'refused', why: '401', next: '' });
  world.deps.codeHost.cloneAccess = (_project, _signal, { fresh = false } = {}) => Promise.resolve({ url: '', token: fresh ? 'new' : 'kept', kept: !fresh });
  world.deps.git.fetch = ({ token }) => {
    tokens.push(token);
    return token === 'new' ? Promise.resolve() : Promise.reject(refuse);
  };
  await deploy(world, sha('b'));
  assert.deepEqual(tokens, ['kept', 'new']);
});

test('no more than twenty trees of a project are known, the newest ones', () => {
  const known = createKnownImages();
  assert.equal(known.has(1), false);
  for (let tree = 0; tree < 25; tree += 1) known.set(1, String(tree), { name: `image-${tree}`, notes: [] });
  assert.deepEqual([known.has(1), known.get(1, '4'), known.get(1, '5')?.name, known.get(2, '5')], [true, undefined, 'image-5', undefined]);
});

type World = Awaited<ReturnType<typeof fakeReconciler>>;

/** The fetches that were begun; one is over a moment later, when it was not given up. */
async function start(context: TestContext): Promise<{ world: World; fetched: { sha: string; outcome: string }[] }> {
  const world = await fakeReconciler();
  context.after(() => world.close());
  await world.sighted();
  const fetched: { sha: string; outcome: string }[] = [];
  world.deps.git.fetch = async ({ sha }, signal) => {
    const one = { sha, outcome: 'begun' };
    fetched.push(one);
    try {
      await world.clock.sleep(2_000, signal);
      one.outcome = 'done';
    } catch (error) {
      one.outcome = 'given up';
      throw error;
    }
  };
  return { world, fetched };
}

async function deploy(world: World, commit: string): Promise<void> {
  await world.push('a', commit);
  await world.work(async () => (await world.preview('a')).state === 'running' && (await world.newest('a')).state === 'live' && (await world.newest('a')).sha === commit);
}
