import { createHmac, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import type { DeliverySnapshot } from '../src/demo/github/index.ts';
import type { World } from '../src/demo/world.ts';
import { openStore } from '../src/store/open.ts';
import { fillDatabase } from '../test/support/store.ts';
import { siteThatSays } from './app.ts';
import { quantile } from './stats.ts';
import { untilRunning, within } from './wait.ts';

/** Until how many ms after all were sent half, and 99 of 100, were acknowledged. */
export type Acknowledged = { p50: number; p99: number };

/** How many at once. */
export const atOnce = 300;

/**
 * Webhooks of a real pull request, sent to the program all at once, each over a connection of its own, signed, with an id of its own. Throws when
 * one of them is not answered 202. Resolves when they have been handled, too.
 */
export async function byProgram(world: World, sample: DeliverySnapshot, guids: readonly string[] = newGuids(atOnce)): Promise<Acknowledged> {
  const count = guids.length;
  const body = bodyOf(sample);
  const handled = world.program.lines().filter((line) => line.msg === 'webhook handled').length;
  let more = 0;
  const off = world.program.onLine((line) => {
    if (line.msg === 'webhook handled') more += 1;
  });
  const began = performance.now();
  const times = await Promise.all(guids.map(async (guid) => {
    await post(world, sample, guid, body);
    return performance.now() - began;
  }));
  await within(`${count} webhooks are handled (before: ${handled})`, () => (more >= count ? true : undefined));
  off();
  return summed(times);
}

export function newGuids(count: number): string[] {
  return Array.from({ length: count }, () => randomUUID());
}

/** The webhook of a pull request whose preview runs. */
export async function sampleWebhook(world: World): Promise<DeliverySnapshot> {
  const repository = await world.github.createRepository({ owner: 'hooks', name: 'site', files: await siteThatSays('main') });
  await world.github.commit({ repository, branch: 'change', files: await siteThatSays(randomUUID()) });
  await world.github.openPullRequest({ repository, head: 'change' });
  await untilRunning(world, 1);
  await world.github.delivered();
  const sample = world.github.deliveries().findLast(({ event, action }) => event === 'pull_request' && action === 'opened');
  if (sample === undefined) throw new Error('opening a pull request sent no webhook');
  return sample;
}

/** The floor: the same bodies put into the ledger of an embedded store of its own, one after the other, by a loop that does nothing else. */
export async function byInsertLoop(sample: DeliverySnapshot, rows = atOnce): Promise<Acknowledged> {
  const body = bodyOf(sample);
  const dataDir = await mkdtemp(join(tmpdir(), 'kosuke-bench-'));
  await fillDatabase(dataDir);
  const store = await openStore({ dataDir, log: pino({ level: 'silent' }) });
  try {
    const insert = () => store.deliveries.add({ guid: randomUUID(), event: sample.event, body, receivedAt: new Date() });
    // Warm, as the program's is.
    for (let count = 0; count < rows; count += 1) await insert();
    const times: number[] = [];
    const began = performance.now();
    for (let count = 0; count < rows; count += 1) {
      await insert();
      times.push(performance.now() - began);
    }
    return summed(times);
  } finally {
    await store.close();
    await rm(dataDir, { recursive: true, force: true });
  }
}

function summed(times: readonly number[]): Acknowledged {
  const sorted = times.toSorted((a, b) => a - b);
  return { p50: quantile(sorted, 0.5), p99: quantile(sorted, 0.99) };
}

function bodyOf(sample: DeliverySnapshot): string {
  return JSON.stringify(sample.payload);
}

function post(world: World, sample: DeliverySnapshot, guid: string, body: string): Promise<void> {
  const signature = createHmac('sha256', world.program.env['WEBHOOK_SECRET']!).update(body).digest('hex');
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        host: '127.0.0.1',
        port: world.program.env['PORT'],
        path: '/api/github/webhooks',
        method: 'POST',
        agent: false,
        signal: AbortSignal.timeout(30_000),
        headers: { ...sample.headers, 'X-GitHub-Delivery': guid, 'X-Hub-Signature-256': `sha256=${signature}`, 'Content-Length': Buffer.byteLength(body) },
      },
      (response) => {
        response.resume();
        response.on('end', () => (response.statusCode === 202 ? resolve() : reject(new Error(`a webhook was answered ${response.statusCode}`))));
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}
