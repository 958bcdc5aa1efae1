import { PGlite } from '@electric-sql/pglite';
import { pino } from 'pino';
import type { Store } from '../../src/reconcile/ports/store.ts';
import { embeddedHandle, smallMemory } from '../../src/store/embedded.ts';
import { storeOn } from '../../src/store/open.ts';
import { makeHub } from '../../src/store/signals.ts';

/** An empty store in memory. */
export async function testStore(): Promise<{ store: Store; close(): Promise<void> }> {
  const log = pino({ level: 'silent' });
  const hub = makeHub(log);
  const pglite = await PGlite.create({ postgresqlconf: smallMemory });
  const store = storeOn(await embeddedHandle(pglite, hub.hear, log), hub);
  return { store, close: () => store.close() };
}
