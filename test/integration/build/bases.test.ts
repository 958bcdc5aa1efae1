import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { after, afterEach, describe, test } from 'node:test';
import { pack } from 'tar-stream';
import { createImageBuilder } from '../../../src/build/image-builder.ts';
import { removeAllOf } from '../../../src/demo/clean-up.ts';
import type { LogLine } from '../../../src/domain/deployment.ts';
import { KosukeError } from '../../../src/domain/errors.ts';
import { baseMark } from '../../../src/domain/image-name.ts';
import type { BuildRequest } from '../../../src/reconcile/ports/image-builder.ts';
import { engineForTest } from '../../support/engine.ts';
import { startRegistry, type Registry } from '../../support/registry.ts';

const { docker, engine, instance, log, cleanUp } = engineForTest();
const imageKey = randomBytes(32);
const builder = createImageBuilder({ docker, log, imageKey, registryLimitMs: 2_000 });
const signal = new AbortController().signal;
const registries: Registry[] = [];
const named: string[] = [];

afterEach(async () => {
  await Promise.all(registries.splice(0).map((registry) => registry.stop()));
  for (const name of named.splice(0)) await docker.getImage(name).remove({ force: true }).catch(ignoreMissing);
  await builder.collectBases(new Date(Date.now() + 60_000), signal);
});
after(cleanUp);

describe('base images', () => {
  test('that a build fetched are kept under their names: later builds ask no registry', async () => {
    const { registry, base } = await aRegistry('v1');
    const first = await build(base);
    assert.equal(first.version, 'v1');
    assert.deepEqual(first.bases, [base]);
    assert.equal(await idOf(base), null);
    await builder.keepBases(first.bases, { anew: false }, signal);
    assert.equal(await idOf(base), await idOf(baseMark(imageKey, base)));
    await registry.publish('base', version('v2'));
    const asked = registry.requests().length;
    assert.equal((await build(base)).version, 'v1');
    await builder.keepBases(first.bases, { anew: false }, signal);
    assert.equal(registry.requests().length, asked);
    await registry.stop();
    assert.equal((await build(base)).version, 'v1');
  });

  test('are fetched anew by a build without cache, which is what later builds are built on; the old one goes', async () => {
    const { registry, base } = await aRegistry('v1');
    await builder.keepBases((await build(base)).bases, { anew: false }, signal);
    const old = await idOf(base);
    await registry.publish('base', version('v2'));
    const anew = await build(base, { noCache: true });
    assert.equal(anew.version, 'v2');
    assert.deepEqual(anew.notes, ['Building without cache, with base images fetched anew']);
    await builder.keepBases(anew.bases, { anew: true }, signal);
    assert.notEqual(await idOf(base), old);
    assert.equal(await idOf(old!), null);
    await registry.stop();
    assert.equal((await build(base)).version, 'v2');
  });

  const silences: { name: string; become: (registry: Registry) => void | Promise<void> }[] = [
    { name: 'refuses connections', become: (registry) => registry.stop() },
    { name: 'answers 503', become: (registry) => registry.break() },
    { name: 'takes requests and is silent', become: (registry) => registry.hang() },
  ];
  for (const { name, become } of silences) {
    test(`are those that are here when the registry ${name}, and a line of the log says so`, async () => {
      const { registry, base } = await aRegistry('v1');
      await builder.keepBases((await build(base)).bases, { anew: false }, signal);
      await become(registry);
      const { version: built, notes } = await build(base, { noCache: true });
      assert.equal(built, 'v1');
      assert.deepEqual(notes.slice(1), [`The registry ${registry.address} did not answer: built on the base image that is here (${base})`]);
    });
  }

  test('that a registry does not have may be here all the same, and a line of the log says so', async () => {
    const { registry } = await aRegistry('v1');
    const base = `${registry.address}/here-only:latest`;
    await docker.getImage('busybox:1.37').tag({ repo: `${registry.address}/here-only`, tag: 'latest' });
    named.push(base);
    const { notes } = await build(base, { noCache: true, command: 'true' });
    assert.deepEqual(notes.slice(1), [`The registry ${registry.address} has no ${base} for us: built on the base image of that name that is here`]);
    assert.equal(await idOf(base), await idOf('busybox:1.37'));
  });

  test('that are neither here nor in a registry are the app\'s failure, and ours when the registry is silent', async () => {
    const { registry } = await aRegistry('v1');
    const base = `${registry.address}/missing:1`;
    await assert.rejects(build(base, { noCache: true }), failsWith('build-failed', /not found/));
    registry.hang();
    for (const noCache of [true, false]) {
      await assert.rejects(build(base, { noCache }), failsWith('engine', new RegExp(`registry ${registry.address} did not answer within 2 s`)));
    }
    await registry.stop();
    for (const noCache of [true, false]) await assert.rejects(build(base, { noCache }), failsWith('engine', /connection refused/));
  });

  test('are fetched anew each by itself when the registry of one is away', async () => {
    const [away, there] = [await aRegistry('v1'), await aRegistry('w1')];
    const both = { command: 'cat /version /other', lines: [`COPY --from=${there.base} /version /other`] };
    const { bases } = await build(away.base, both);
    assert.deepEqual(bases.toSorted(), [away.base, there.base].toSorted());
    await builder.keepBases(bases, { anew: false }, signal);
    await away.registry.stop();
    await there.registry.publish('base', version('w2'));
    const { output, notes } = await build(away.base, { ...both, noCache: true });
    assert.deepEqual(output, ['v1', 'w2']);
    assert.deepEqual(notes.slice(1), [`The registry ${away.registry.address} did not answer: built on the base image that is here (${away.base})`]);
  });

  test('that somebody else put on the engine keep their name: only the build is on the fresh one', async () => {
    const { base } = await aRegistry('v1');
    await docker.getImage('busybox:1.37').tag({ repo: base.replace(/:latest$/, ''), tag: 'latest' });
    named.push(base);
    const { version: built, bases } = await build(base, { noCache: true });
    assert.equal(built, 'v1');
    await builder.keepBases(bases, { anew: true }, signal);
    assert.equal(await idOf(base), await idOf('busybox:1.37'));
    assert.equal(await idOf(baseMark(imageKey, base)), null);
  });

  test('that no build has used for long go, those of others stay', async () => {
    const { base } = await aRegistry('v1');
    const { bases } = await build(base);
    const before = new Date();
    await builder.keepBases(bases, { anew: false }, signal);
    const others = createImageBuilder({ docker, log, imageKey: randomBytes(32) });
    await others.collectBases(new Date(Date.now() + 60_000), signal);
    await builder.collectBases(before, signal);
    assert.notEqual(await idOf(base), null);
    await builder.collectBases(new Date(Date.now() + 60_000), signal);
    assert.deepEqual([await idOf(base), await idOf(baseMark(imageKey, base))], [null, null]);
  });

  test('go with all else of an instance when the demo ends', async () => {
    const { base } = await aRegistry('v1');
    await builder.keepBases((await build(base)).bases, { anew: false }, signal);
    await removeAllOf(docker, `${instance}-none`, imageKey);
    assert.deepEqual([await idOf(base), await idOf(baseMark(imageKey, base))], [null, null]);
  });
});

/** A registry whose `base:latest` has that version. */
async function aRegistry(text: string): Promise<{ registry: Registry; base: string }> {
  const registry = await startRegistry(docker);
  registries.push(registry);
  await registry.publish('base', version(text));
  return { registry, base: `${registry.address}/base:latest` };
}

function version(text: string): { path: string; content: string } {
  return { path: 'version', content: `${text}\n` };
}

type Wish = { noCache?: boolean; command?: string; lines?: string[] };
let builds = 0;

/** Builds on the base, in which the command writes what it finds. */
async function build(base: string, { noCache = false, command = 'cat /version', lines = [] }: Wish = {}) {
  const told: LogLine[] = [];
  const request: BuildRequest = {
    context: emptyContext,
    ignore: null,
    dockerfileText: [`FROM ${base}`, ...lines, `ENV NONCE=${randomBytes(6).toString('hex')}`, `RUN ${command}`, ''].join('\n'),
    tag: `kosuke-test/${instance}:base${++builds}`,
    args: {},
    cacheNamespace: instance,
    noCache,
    timeoutMs: 60_000,
  };
  const { bases } = await builder.build(request, (line) => told.push(line), signal);
  assert.notEqual(await engine.image(request.tag, signal), null);
  const output = told.filter(({ stream }) => stream === 'stdout').map(({ text }) => text);
  return { bases, output, version: output[0], notes: told.filter(({ stream }) => stream === 'note').map(({ text }) => text) };
}

function emptyContext(): Readable {
  const tar = pack();
  tar.finalize();
  return Readable.from(tar, { objectMode: false });
}

async function idOf(name: string): Promise<string | null> {
  return (await engine.image(name, signal))?.id ?? null;
}

function failsWith(code: string, why: RegExp) {
  return (error: unknown) => {
    assert.ok(error instanceof KosukeError, String(error));
    assert.equal(error.failure.code, code);
    assert.match(error.failure.why, why);
    return true;
  };
}

function ignoreMissing(error: unknown): void {
  if ((error as { statusCode?: number }).statusCode !== 404) throw error;
}
