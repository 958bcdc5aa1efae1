import { bigint, customType, timestamp } from 'drizzle-orm/pg-core';

/** Text from outside as Postgres takes it: without NUL, which it refuses, and without halves of surrogate pairs, which jsonb refuses. */
export function storable(text: string): string {
  return text.replaceAll('\0', '').toWellFormed();
}

/** JSON whose strings are all `storable`. */
export function storableJson(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) => (typeof item === 'string' ? storable(item) : item));
}

/** A text column that makes what it is given `storable`, in conditions too. */
export const words = customType<{ data: string; driverData: string }>({ dataType: () => 'text', toDriver: storable });

/** A jsonb column; dates come back as the text that JSON makes of them. */
export function json<T>(name: string) {
  return customType<{ data: T; driverData: string }>({ dataType: () => 'jsonb', toDriver: storableJson })(name);
}

/** A point in time, to the millisecond like a `Date`. */
export function instant(name: string) {
  return timestamp(name, { withTimezone: true, precision: 3, mode: 'date' });
}

/** An id of GitHub's or a large one of ours, as a number. */
export function bigId(name: string) {
  return bigint(name, { mode: 'number' });
}
