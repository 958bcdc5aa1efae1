import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { Store } from '../../../src/reconcile/ports/store.ts';
import { eventually } from '../../support/eventually.ts';
import { testStore } from '../../support/store.ts';
import { building, hear, startLogServer, type Listening, type LogServer } from './log-server.ts';

let store: Store;
let close: () => Promise<void>;
/** How often the lines and the row of a deployment were asked for. */
let asked: { log: number; byId: number };
let server: LogServer;
const heard: Listening[] = [];

before(async () => ({ store, close } = await testStore()));
after(() => close());
beforeEach(async () => {
  asked = { log: 0, byId: 0 };
  server = await startLogServer(counting(), { logs: 3, perLog: 30, inAll: 40 });
});
afterEach(async () => {
  for (const stream of heard.splice(0)) stream.cut();
  await server.kill();
});

function counting(): Store {
  const { log, byId } = store.deployments;
  const deployments: Store['deployments'] = {
    ...store.deployments,
    log: (...all) => ((asked.log += 1), log(...all)),
    byId: (id) => ((asked.byId += 1), byId(id)),
  };
  return { ...store, deployments };
}

async function listenTo(path: string, headers: Record<string, string> = {}): Promise<Listening> {
  const stream = await hear(server.address(path), headers);
  heard.push(stream);
  return stream;
}

const upTo = (count: number) => Array.from({ length: count }, (_, n) => n);
const told = (stream: Listening, name: string) => stream.events.filter((event) => event.name === name);

describe('the events of a log', () => {
  test('come when something is written or changes, with the headers of a stream that nobody keeps or holds back', async () => {
    const { path, say, become } = await building(store, 'comes');
    const stream = await listenTo(`${path}/events`);
    const { 'content-type': type, 'cache-control': cache, 'x-accel-buffering': buffering, 'content-security-policy': policy, 'referrer-policy': referrer, 'x-robots-tag': robots } = stream.response.headers;
    assert.deepEqual([type, cache, buffering, referrer, robots], ['text/event-stream; charset=utf-8', 'no-store', 'no', 'no-referrer', 'noindex']);
    assert.match(String(policy), /^default-src 'none'/);
    await eventually('what is there comes', () => told(stream, 'about').length === 1);
    assert.match(stream.text(), /^retry: \d+\n\nevent: lines\nid: 2\n/);
    assert.deepEqual(told(stream, 'lines')[0]?.data, { side: 'head', lines: [[0, 'step', ['[1/2] cached']], [1, 'stdout', ['cc -o ', ['c1', '<script>alert(1)</script>']]]] });

    const began = performance.now();
    await say('now');
    await eventually('it comes', () => stream.numbers().length === 3, { every: 5 });
    const waited = performance.now() - began;
    assert.ok(waited < 2_000, `${waited} ms`);
    await become({ state: 'built' });
    await eventually('the state comes', () => told(stream, 'about').at(-1)?.data['state'] === 'built');
    assert.match(JSON.stringify(told(stream, 'about').at(-1)?.data), /<h1>Built, about to start<\/h1>/);
  });

  test('go on after the last one that the client had, without a line lost or doubled, however often the connection or the program breaks off', async () => {
    const { path, say } = await building(store, 'breaks');
    const numbers: number[] = [];
    const writing = new AbortController();
    const written = (async () => {
      for (let n = 2; n < 3_000; n += 20) {
        await say(...upTo(20).map((more) => `line ${n + more}`));
        await delay(5);
      }
      writing.abort();
    })();
    let last = '';
    let cuts = 0;
    while (!writing.signal.aborted) {
      const stream = await listenTo(`${path}/events?from=0`, last === '' ? {} : { 'last-event-id': last });
      await eventually('more comes', () => stream.numbers().length > 0 || writing.signal.aborted, { every: 1 });
      await delay(cuts % 40);
      stream.cut();
      numbers.push(...stream.numbers());
      last = told(stream, 'lines').at(-1)?.id ?? last;
      cuts += 1;
      if (cuts % 5 === 0) {
        await server.kill();
        await server.start();
      }
    }
    await written;
    const rest = await listenTo(`${path}/events`, { 'last-event-id': last });
    await eventually('all has come', () => (rest.numbers().at(-1) ?? Number(last) - 1) >= 3_001);
    numbers.push(...rest.numbers());
    assert.ok(cuts > 10, String(cuts));
    assert.deepEqual(numbers, upTo(3_002));
  });

  test('end with the outcome and the address of the preview, and so they do for who comes later', async () => {
    const { path, say, goLive, preview } = await building(store, 'ends');
    const stream = await listenTo(`${path}/events`);
    await eventually('it is there', () => told(stream, 'about').length === 1);
    await say('last words');
    await goLive();
    await eventually('it is over', () => stream.over());
    const end = stream.events.at(-1);
    assert.deepEqual([end?.name, end?.data['state'], end?.data['url']], ['end', 'live', `http://${preview.hostLabel}.kosuke.localhost`]);
    assert.match(JSON.stringify(end?.data), new RegExp(`<a href=\\\\"http://${preview.hostLabel}\\.kosuke\\.localhost\\\\">Open the preview`));
    assert.deepEqual(stream.numbers(), [0, 1, 2]);
    const late = await listenTo(`${path}/events`, { 'last-event-id': '3' });
    await eventually('it is over', () => late.over());
    assert.deepEqual(late.events.map(({ name }) => name), ['end']);
  });

  for (const [state, title] of [['failed', 'This version did not come up'], ['cancelled', 'Cancelled'], ['superseded', 'Replaced by a newer version'], ['removed', 'Removed']] as const) {
    test(`end when it is ${state}, with the reason where there is one`, async () => {
      const { path, become } = await building(store, `is-${state}`);
      const stream = await listenTo(`${path}/events`);
      const failure = { code: 'build-failed' as const, fault: 'app' as const, what: 'It broke at <1>', why: 'exit code 2', next: '' };
      await become({ state, endedAt: new Date(), ...(state === 'failed' ? { failure } : {}) });
      await eventually('it is over', () => stream.over());
      const { name, data } = stream.events.at(-1)!;
      assert.deepEqual([name, data['state']], ['end', state]);
      const { outcome } = data['parts'] as { outcome: string };
      assert.ok(outcome.includes(`<h1>${title}</h1>`), outcome);
      assert.equal(outcome.includes('It broke at &lt;1&gt;'), state === 'failed');
    });
  }

  test('go on after an error of ours, which is tried again', async () => {
    const { path, become, say } = await building(store, 'again');
    const stream = await listenTo(`${path}/events`);
    const failure = { code: 'engine' as const, fault: 'us' as const, what: 'The engine is away', why: '', next: '' };
    await become({ state: 'error', failure, retryAt: new Date(Date.now() + 60_000) });
    await eventually('it is told', () => told(stream, 'about').at(-1)?.data['state'] === 'error');
    assert.match(JSON.stringify(told(stream, 'about').at(-1)?.data), /It is tried again in \d/);
    await say('second attempt');
    await eventually('it goes on', () => stream.numbers().length === 3);
    assert.equal(stream.over(), false);
  });

  test('begin anew for a client that is further than the log, of which a part was lost', async () => {
    const { path } = await building(store, 'lost');
    const stream = await listenTo(`${path}/events`, { 'last-event-id': '99' });
    await eventually('it is over', () => stream.over());
    assert.deepEqual(stream.events.map(({ name }) => name), ['anew']);
  });

  test('are those of nothing at another address', async () => {
    for (const path of ['/logs/another-token-that-is-none/events', '/logs/short/events']) {
      const stream = await listenTo(path);
      assert.equal(stream.response.statusCode, 404);
    }
  });
});

describe('who listens to a log', () => {
  test('costs no reading of the store: it is read once for all, and only when something changed', async () => {
    const { path, say } = await building(store, 'many');
    const streams = await Promise.all(upTo(25).map(() => listenTo(`${path}/events`)));
    await eventually('all are there', () => streams.every((stream) => told(stream, 'about').length === 1));
    const before = { ...asked };
    await delay(1_000);
    assert.deepEqual(asked, before);
    await say('one');
    await eventually('all hear it', () => streams.every((stream) => stream.numbers().length === 3));
    assert.ok(asked.log - before.log <= 3 && asked.byId - before.byId <= 3, JSON.stringify({ before, asked }));
  });

  test('hears it a little later when the signal is lost', async () => {
    const { id, path } = await building(store, 'signal');
    await server.kill();
    server = await startLogServer({ ...store, signals: { ...store.signals, on: () => () => undefined } });
    const stream = await listenTo(`${path}/events`);
    await eventually('it is there', () => told(stream, 'about').length === 1);
    await store.deployments.addLog(id, [{ at: new Date(), step: null, stream: 'stdout', text: 'late' }]);
    await eventually('it comes', () => stream.numbers().length === 3);
  });

  test('has no place when there are as many as may be: is told what is there and to come again later', async () => {
    await server.kill();
    server = await startLogServer(store, { logs: 2, perLog: 2, inAll: 3 });
    const [one, other, third] = [await building(store, 'limit-one'), await building(store, 'limit-other'), await building(store, 'limit-third')];
    const places = [await listenTo(`${one.path}/events`), await listenTo(`${one.path}/events`)];
    const stays = async (path: string) => {
      const stream = await listenTo(`${path}/events`);
      await eventually('it is told what there is', () => told(stream, 'about').length === 1);
      assert.deepEqual(stream.numbers(), [0, 1]);
      const retry = /^retry: (\d+)/.exec(stream.text())?.[1];
      if (retry === '5000') await eventually('it ends', () => stream.over());
      return retry === '1000';
    };
    assert.deepEqual([await stays(one.path), await stays(other.path), await stays(third.path), await stays(other.path)], [false, true, false, false]);
    places[0]!.cut();
    await eventually('its place is free', () => stays(one.path));
  });

  test('takes no place by asking for the headers alone, or by leaving at once', async () => {
    await server.kill();
    server = await startLogServer(store, { logs: 1, perLog: 1, inAll: 1 });
    const { path } = await building(store, 'head');
    for (let n = 0; n < 5; n++) {
      const [head] = (await once(request(server.address(`${path}/events`), { method: 'HEAD', agent: false }).end(), 'response')) as [{ statusCode: number }];
      assert.equal(head.statusCode, 200);
      request(server.address(`${path}/events`), { agent: false }).on('error', () => undefined).end().destroy();
    }
    await eventually('there is a place', async () => {
      const stream = await listenTo(`${path}/events`);
      await eventually('it is told', () => told(stream, 'about').length === 1);
      if (stream.text().startsWith('retry: 1000')) return true;
      stream.cut();
      return false;
    });
  });

  test('is sent half a MiB beyond the first lines while it goes on, and the last lines at its end, however much is written', async () => {
    const { path, say, goLive } = await building(store, 'flood');
    const stream = await listenTo(`${path}/events`);
    for (let n = 0; n < 100; n++) {
      await say(...upTo(200).map((more) => `${n * 200 + more} `.padEnd(200, 'x')));
      await delay(5);
    }
    await say('the end');
    await goLive();
    await eventually('it is over', () => stream.over());
    const lines = told(stream, 'lines').flatMap(({ data }) => data['lines'] as [number, string, string[]][]);
    const bytes = lines.reduce((sum, [, , pieces]) => sum + pieces.join('').length, 0);
    assert.ok(bytes > 1_000_000 && bytes < 1.6 * 1024 * 1024, String(bytes));
    assert.deepEqual(stream.numbers(), stream.numbers().toSorted((a, b) => a - b));
    assert.equal(lines.at(-1)?.[2][0], 'the end');
    assert.equal(lines.at(-2)?.[2][0]?.slice(0, 6), '19999 ');
  });

  test('costs little when it takes nothing of what is sent', async () => {
    const { path, say, goLive } = await building(store, 'slow');
    const stream = await listenTo(`${path}/events`);
    await eventually('it is there', () => told(stream, 'about').length === 1);
    stream.response.pause();
    const behind = new Set<number>();
    for (let n = 0; n < 40; n++) {
      await say(...upTo(500).map((more) => `${n * 500 + more} `.padEnd(200, 'x')));
      await delay(1);
      for (const socket of server.connections) behind.add(socket.writableLength);
    }
    assert.ok(Math.max(...behind) < 128 * 1024, String(Math.max(...behind)));
    stream.response.resume();
    await goLive();
    await eventually('it has come to the end', () => stream.over(), { within: 20_000 });
    assert.equal(stream.numbers().at(-1), 20_001);
  });

  test('is let go at once when the program stops, and comes again', async () => {
    const { path, say } = await building(store, 'stops');
    const streams = await Promise.all(upTo(10).map(() => listenTo(`${path}/events`)));
    await eventually('all are there', () => streams.every((stream) => told(stream, 'about').length === 1));
    const took = await server.stop();
    assert.ok(took < 2_000, `${took} ms`);
    await eventually('all have ended', () => streams.every((stream) => stream.over()));
    await server.start();
    await say('after');
    const again = await listenTo(`${path}/events`, { 'last-event-id': told(streams[0]!, 'lines').at(-1)!.id });
    await eventually('it goes on', () => again.numbers().length > 0);
    assert.deepEqual(again.numbers(), [2]);
  });
});
