import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { openPostgres } from '../../../src/store/postgres.ts';
import { freePorts } from '../../../src/demo/traefik.ts';
import { eventually } from '../eventually.ts';
import { ask } from './ask.ts';
import { postgresUser, runProgram, runProgramNow, startProgram } from './programs.ts';

export type PostgresServer = {
  /** Of the postmaster; `null` while it does not run. */
  readonly pid: number | null;
  /** Makes a database with all tables and nothing in them; resolves with its address. */
  createDatabase(): Promise<string>;
  /** SIGKILL of the postmaster, as the kernel would; resolves when it is gone. What it served ends by itself. */
  kill(): Promise<void>;
  /** Starts it again over the same data, at the same port; resolves when it lets clients in. */
  start(): Promise<void>;
  /** Stops it and removes its directory. The same happens at the end of this process. */
  close(): void;
};

/**
 * A Postgres server of this process alone: a new data directory below the temporary one, a free port of loopback. `durable: false` does
 * not wait for the disk, which only tests may want that never kill it.
 */
export async function startPostgres({ durable }: { durable: boolean }): Promise<PostgresServer> {
  const dir = mkdtempSync(join(tmpdir(), 'kosuke-postgres-'));
  const data = join(dir, 'data');
  let running: ChildProcess | null = null;
  const close = atTheEnd(() => {
    if (running !== null) runProgramNow('pg_ctl', ['stop', '-D', data, '-m', 'immediate'], dir);
    rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
  });
  try {
    if (postgresUser !== null) chownSync(dir, postgresUser.uid, postgresUser.gid);
    // Words sort as in a language, as on most servers, not as bytes.
    await runProgram('initdb', ['-D', data, '-U', 'kosuke', '-A', 'trust', '-E', 'UTF8', '--locale-provider=icu', '--icu-locale=en-US', '--no-sync'], dir);
    const [port = 0] = await freePorts(1);
    const url = (database: string) => `postgres://kosuke@127.0.0.1:${port}/${database}`;
    const settings = ['listen_addresses=127.0.0.1', `port=${port}`, 'unix_socket_directories=', 'shared_buffers=32MB', ...(durable ? [] : ['fsync=off', 'full_page_writes=off'])];
    const start = async () => {
      running = await started(['-D', data, ...settings.flatMap((setting) => ['-c', setting])], dir, url('postgres'));
    };
    await start();
    return {
      get pid() {
        return running?.pid ?? null;
      },
      createDatabase: databases(url),
      start,
      async kill() {
        const child = running;
        if (child === null) return;
        running = null;
        const over = once(child, 'exit');
        child.kill('SIGKILL');
        await over;
      },
      close,
    };
  } catch (error) {
    close();
    throw error;
  }
}

/** What a killed postmaster served may take a moment to end, and no other starts before that: it is tried again. */
async function started(args: string[], dir: string, url: string): Promise<ChildProcess> {
  return eventually('Postgres runs', async () => {
    const file = join(dir, 'log');
    const log = openSync(file, 'w');
    const child = startProgram('postgres', args, dir, log);
    closeSync(log);
    child.unref();
    const ended = once(child, 'exit').then(() => {
      throw new Error(`Postgres ended: ${readFileSync(file, 'utf8').trim()}`);
    });
    ended.catch(() => undefined);
    try {
      await Promise.race([ended, eventually('it lets clients in', () => ask(url, 'select 1'), { within: 15_000, every: 20 })]);
    } catch (error) {
      child.kill('SIGKILL');
      throw error;
    }
    return child;
  }, { within: 20_000 });
}

/** Makes databases; the first one is migrated, and each is a copy of it. */
function databases(url: (database: string) => string): () => Promise<string> {
  let template: Promise<void> | undefined;
  let made = 0;
  const makeTemplate = async () => {
    await ask(url('postgres'), 'create database migrated');
    await (await openPostgres(url('migrated'), () => undefined, pino({ level: 'silent' }))).close();
  };
  return async () => {
    await (template ??= makeTemplate());
    made += 1;
    const name = `test_${made}`;
    await ask(url('postgres'), `create database ${name} template migrated`);
    return url(name);
  };
}

/** Called once: by whoever calls what is returned, or at the end of this process, also by a signal. */
function atTheEnd(work: () => void): () => void {
  const once = () => {
    process.off('exit', once).off('SIGINT', end).off('SIGTERM', end);
    work();
  };
  const end = (signal: NodeJS.Signals) => process.exit(128 + constants.signals[signal]);
  process.on('exit', once).on('SIGINT', end).on('SIGTERM', end);
  return once;
}
