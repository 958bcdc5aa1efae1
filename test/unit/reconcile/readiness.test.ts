import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { pino } from 'pino';
import type { Verdict } from '../../../src/domain/plan/observed.ts';
import type { SeenPort } from '../../../src/domain/ports.ts';
import type { Edge, EdgeAnswer } from '../../../src/reconcile/ports/edge.ts';
import { createReadiness, type Watched } from '../../../src/reconcile/readiness.ts';

const id = 7;
const timeoutMs = 120_000;
const answer = (change: Partial<EdgeAnswer & { kind: 'answer' }> = {}): EdgeAnswer => ({ kind: 'answer', status: 200, deploymentId: id, holdId: null, gateState: null, broken: false, wantsTls: false, ...change });
const silence: EdgeAnswer = { kind: 'no-edge', why: 'no answer', connected: true };

/** Time passes only where somebody waits: `tookMs` is what a probe takes of its limit. Resolves with the verdict, how long it took, and the limits of the probes. */
async function verdictOf({ probes, ports = null }: { probes: (no: number) => { answer: EdgeAnswer; tookMs: number }; ports?: Watched['ports'] | ((wait: (ms: number) => void) => Watched['ports']) }) {
  let now = 0;
  const limits: number[] = [];
  const clock = { now: () => new Date(now), sleep: (ms: number) => ((now += ms), Promise.resolve()) };
  const probe: Edge['probe'] = (_host, path, signal, limitMs = 5_000) => {
    signal.throwIfAborted();
    if (path.startsWith('/_kosuke/')) return Promise.resolve(answer({ deploymentId: null, gateState: 'starting' }));
    const { answer: given, tookMs } = probes(limits.length);
    limits.push(limitMs);
    now += Math.min(tookMs, limitMs);
    return Promise.resolve(tookMs > limitMs ? silence : given);
  };
  const readiness = createReadiness({ edge: { probe } as Edge, clock, log: pino({ level: 'silent' }) });
  const told = Promise.withResolvers<void>();
  const looking = typeof ports === 'function' ? ports((ms) => (now += ms)) : ports;
  readiness.watch({ deploymentId: id, previewId: 1, host: 'h', path: '/', timeoutMs, ports: looking }, told.resolve);
  await told.promise;
  const verdict: Verdict | undefined = readiness.verdicts().get(id);
  return { verdict, tookMs: now, limits };
}

const open = (port: number, answered: SeenPort['answer'] = { kind: 'http', status: 200 }): SeenPort => ({ port, loopbackOnly: false, answer: answered });
const lookAt = (seen: SeenPort[] | null, exposed: number[] = []): Watched['ports'] => ({ expected: 3000, exposed, look: () => Promise.resolve(seen) });

describe('readiness', () => {
  test('gives each probe what is left of the time: a page of 7 s each time is ready, and so is one of 12 s', async () => {
    for (const tookMs of [7_000, 12_000, 100_000]) {
      const { verdict, limits } = await verdictOf({ probes: () => ({ answer: answer(), tookMs }) });
      assert.deepEqual([verdict, limits], [{ kind: 'ready', wantsTls: false }, [timeoutMs]]);
    }
  });

  test('is late when its time is over, and says what the app answered last, not that its last probe was cut off', async () => {
    const { verdict, tookMs } = await verdictOf({ probes: () => ({ answer: answer({ status: 500 }), tookMs: 200 }) });
    assert.deepEqual(verdict, { kind: 'not-ready', fault: 'app', detail: 'status 500' });
    assert.ok(tookMs >= timeoutMs && tookMs < timeoutMs * 1.02, String(tookMs));
  });

  test('does not take longer because looks at ports do', async () => {
    let looks = 0;
    const slow = (wait: (ms: number) => void): Watched['ports'] => ({ expected: 3000, exposed: [], look: () => (wait(3_000), (looks += 1), Promise.resolve([open(8080), open(9090)])) });
    const { verdict, tookMs } = await verdictOf({ probes: () => ({ answer: answer({ status: 502 }), tookMs: 5 }), ports: slow });
    assert.deepEqual(verdict, { kind: 'not-ready', fault: 'app', detail: 'status 502' });
    assert.ok(tookMs < timeoutMs * 1.05, String(tookMs));
    assert.ok(looks < 40, String(looks));
  });

  test('does not look again where nothing can be found out, but at the end', async () => {
    let looks = 0;
    const blind: Watched['ports'] = { expected: 3000, exposed: [], look: () => ((looks += 1), Promise.resolve(null)) };
    await verdictOf({ probes: () => ({ answer: answer({ status: 502 }), tookMs: 5 }), ports: blind });
    assert.equal(looks, 2);
  });

  test('does not ask an app at its ports that answers by itself, be it with an error', async () => {
    let looks = 0;
    const counted: Watched['ports'] = { expected: 3000, exposed: [], look: () => ((looks += 1), Promise.resolve([open(3000)])) };
    const { verdict } = await verdictOf({ probes: (no) => ({ answer: answer({ status: no < 20 ? 503 : 200 }), tookMs: 5 }), ports: counted });
    assert.deepEqual([verdict, looks], [{ kind: 'ready', wantsTls: false }, 0]);
  });

  test('finds the one port at once that its image exposes and that has a page, and waits at the end for one that nobody exposes while the exposed one is missing', async () => {
    const probes = () => ({ answer: answer({ status: 502 }), tookMs: 5 });
    const found = await verdictOf({ probes, ports: lookAt([open(80)], [80, 443]) });
    assert.deepEqual(found.verdict, { kind: 'elsewhere', port: 80 });
    assert.ok(found.tookMs < 2_000, String(found.tookMs));
    const helper = await verdictOf({ probes, ports: lookAt([open(8055)], [3000]) });
    assert.deepEqual(helper.verdict, { kind: 'elsewhere', port: 8055 });
    assert.ok(helper.tookMs >= timeoutMs, String(helper.tookMs));
  });

  test('is not there with an answer that goes over to another protocol, breaks off, or is the gate’s', async () => {
    for (const change of [{ status: 101 }, { broken: true }, { gateState: 'starting' }, { deploymentId: 6 }]) {
      const { verdict } = await verdictOf({ probes: () => ({ answer: answer(change), tookMs: 5 }) });
      assert.equal(verdict?.kind, 'not-ready', JSON.stringify(change));
    }
  });
});
