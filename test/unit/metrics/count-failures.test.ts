import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KosukeError, type FailureCode, type Fault } from '../../../src/domain/errors.ts';
import { countFailures } from '../../../src/metrics/count-failures.ts';
import { ImageMissing, type Engine } from '../../../src/reconcile/ports/engine.ts';
import { fakeEngine } from '../../support/fakes/engine.ts';

const failure = (code: FailureCode, fault: Fault) => new KosukeError({ code, fault, what: 'It failed', why: '', next: '' });
const signal = AbortSignal.timeout(60_000);

test('failures of the engine are told by what was asked, and come out as they were', async () => {
  const told: string[] = [];
  const broken = failure('engine', 'us');
  const engine = countFailures<Engine>({ ...fakeEngine(() => new Date()), things: () => Promise.reject(broken), startContainer: () => Promise.reject(broken) }, (verb) => told.push(verb));
  await assert.rejects(engine.things(signal), (error) => error === broken);
  await assert.rejects(engine.startContainer('a', signal), (error) => error === broken);
  assert.deepEqual(told, ['things', 'startContainer']);
  assert.deepEqual(await engine.ping(signal), { version: 'fake', apiVersion: '1.41' });
});

test('what an image is at fault for, what is missing and what a caller gave up are no failures of the engine', async () => {
  const told: string[] = [];
  const reasons = [failure('exited', 'app'), failure('port-taken', 'us'), new ImageMissing('gone'), new DOMException('given up', 'AbortError')];
  for (const reason of reasons) {
    const engine = countFailures<Engine>({ ...fakeEngine(() => new Date()), startContainer: () => Promise.reject(reason) }, (verb) => told.push(verb));
    await assert.rejects(engine.startContainer('a', signal), (error) => error === reason);
  }
  assert.deepEqual(told, []);
});
