import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { Logger } from 'pino';
import { storeError } from './errors.ts';
import { channelOf, type Hear, signals } from './handle.ts';
import { connection } from './postgres-connection.ts';

/**
 * Hears NOTIFY over one connection; connects again, for ever and with growing waits, when it is lost. What is sent meanwhile is not
 * heard: whoever listens also looks by itself now and then. Throws when the first connection fails.
 */
export async function listenToPostgres(databaseUrl: string, hear: Hear, log: Logger): Promise<{ close(): Promise<void> }> {
  const closing = new AbortController();
  let current = await connect(databaseUrl, hear);
  const kept = keep();

  async function keep(): Promise<void> {
    while (!closing.signal.aborted) {
      await current.lost;
      if (closing.signal.aborted) return;
      log.warn('the connection that listens to the database was lost');
      const next = await reconnect();
      if (next !== null) current = next;
    }
  }

  async function reconnect(): Promise<Connection | null> {
    for (let waitMs = firstWaitMs; !closing.signal.aborted; waitMs = Math.min(waitMs * 2, longestWaitMs)) {
      try {
        const next = await connect(databaseUrl, hear);
        log.info('listening to the database again');
        return next;
      } catch (error) {
        log.warn({ why: storeError(error, 'listen').failure.why, waitMs }, 'could not listen to the database');
        await delay(waitMs, undefined, { signal: closing.signal }).catch(() => undefined);
      }
    }
    return null;
  }

  return {
    async close() {
      closing.abort();
      await current.end();
      await kept;
      // One that was being made when the first line ran.
      await current.end();
    },
  };
}

type Connection = { lost: Promise<void>; end(): Promise<void> };

async function connect(databaseUrl: string, hear: Hear): Promise<Connection> {
  const client = new pg.Client({ ...connection(databaseUrl), query_timeout: queryTimeoutMs });
  const { promise: lost, resolve: lose } = Promise.withResolvers<void>();
  client.once('end', () => lose());
  client.on('error', () => lose());
  const byChannel = new Map(signals.map((signal) => [channelOf(signal), signal]));
  client.on('notification', ({ channel, payload }) => {
    const signal = byChannel.get(channel);
    if (signal !== undefined) hear(signal, payload ?? '');
  });
  let ended: Promise<void> | undefined;
  const end = () => (ended ??= client.end());
  try {
    await client.connect();
    for (const signal of signals) await client.query(`listen ${channelOf(signal)}`);
  } catch (error) {
    await end();
    throw error;
  }
  // A peer that vanished without a word is noticed by asking.
  const heartbeat = setInterval(() => client.query('select 1').catch(() => lose()), heartbeatMs).unref();
  // A half-lost connection is ended for good before the next one is made.
  const over = lost.then(() => {
    clearInterval(heartbeat);
    return end();
  });
  return { lost: over, end };
}

const firstWaitMs = 250;
const longestWaitMs = 10_000;
const queryTimeoutMs = 10_000;
const heartbeatMs = 30_000;
