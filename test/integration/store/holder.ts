import { setImmediate } from 'node:timers/promises';
import { pino } from 'pino';
import { lockDataDir } from '../../../src/store/lock.ts';
import { openStore } from '../../../src/store/open.ts';

/**
 * A process that holds the data directory of its argument and writes without end, for the test that kills it: says the GUID of each
 * delivery after the store has taken it. It ends by itself when nobody reads that any more.
 */
const [dataDir = ''] = process.argv.slice(2);
if ((await lockDataDir(dataDir)) === 'held') throw new Error('held');
const store = await openStore({ dataDir, log: pino({ level: 'silent' }) });
for (let n = 0; ; n += 1) {
  await store.deliveries.add({ guid: `guid-${n}`, event: 'push', body: '{}', receivedAt: new Date() });
  process.stdout.write(`guid-${n}\n`);
  // The embedded database works without a turn of the event loop, which is what tells of a pipe that nobody reads.
  await setImmediate();
}
