import { PGlite } from '@electric-sql/pglite';
import { PgDatabase, PgInsertBuilder, PgUpdateBuilder } from 'drizzle-orm/pg-core';
import { QueryPromise } from 'drizzle-orm/query-promise';
import { type Call, siteOf } from './sites.ts';

type AnyFunction = (this: unknown, ...args: unknown[]) => unknown;
type Marked = { [marked]?: Call };

/** Calls back right after each statement that writes, outside of a transaction, and after each transaction, once it is committed. */
export function watchCommits(done: (call: Call) => void): void {
  // A statement runs when it is awaited, where no line of ours is on the stack any more: it is marked where it is written down.
  mark(PgUpdateBuilder.prototype, 'set', 'update');
  mark(PgInsertBuilder.prototype, 'values', 'insert');
  mark(PgInsertBuilder.prototype, 'select', 'insert');
  mark(PgDatabase.prototype, 'delete', 'delete');
  mark(PgDatabase.prototype, 'execute', 'execute');
  const promise = QueryPromise.prototype as unknown as Record<string, AnyFunction>;
  const original = promise[awaited]!;
  promise[awaited] = function watched(onDone, onFailed) {
    const call = (this as Marked)[marked];
    if (call === undefined || inTransaction > 0) return original.call(this, onDone, onFailed);
    const told = (value: unknown) => {
      done(call);
      return typeof onDone === 'function' ? (onDone as (value: unknown) => unknown)(value) : value;
    };
    return original.call(this, told, onFailed);
  };
  const database = PgDatabase.prototype as unknown as { transaction: AnyFunction };
  const transaction = database.transaction;
  database.transaction = async function watched(...args) {
    const site = siteOf(new Error('here'));
    inTransaction += 1;
    try {
      return await transaction.apply(this, args);
    } finally {
      inTransaction -= 1;
      // One that was rolled back counts, too: a kill there is no worse than one in the middle of it.
      if (site !== null && inTransaction === 0) done({ site, does: 'commit' });
    }
  };
}

/** The method that an `await` calls. */
// oxlint-disable-next-line unicorn/no-thenable -- drizzle's statements are thenable; theirs is replaced.
const awaited = 'then';
const marked = Symbol('where a statement stands');
let inTransaction = 0;

function mark(prototype: object, method: string, verb: string): void {
  const table = prototype as Record<string, AnyFunction>;
  const original = table[method]!;
  table[method] = function watched(...args) {
    const site = siteOf(new Error('here'));
    const made = original.apply(this, args) as Marked;
    if (site !== null && typeof made === 'object' && made !== null) made[marked] = { site, does: verb };
    return made;
  };
}

/** Gives the embedded database that the program opened last: a new one is made under another name first. */
export function embeddedDatabase(): () => PGlite {
  const create = PGlite.create.bind(PGlite) as (...args: unknown[]) => Promise<PGlite>;
  let last: PGlite | undefined;
  (PGlite as unknown as Record<string, AnyFunction>)['create'] = async (...args) => {
    last = await create(...args);
    return last;
  };
  return () => {
    if (last === undefined) throw new Error('the program has not opened its database yet');
    return last;
  };
}
