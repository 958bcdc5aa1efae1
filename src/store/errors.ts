import { KosukeError } from '../domain/errors.ts';

/**
 * What a failed call of the store throws: code `store`, our fault, `retry` when the database could not be reached or gave up for
 * reasons of the moment. The text never holds the statement or its values. `next` is what to do where a person can do something.
 */
export function storeError(error: unknown, doing: string, next?: string): KosukeError {
  if (error instanceof KosukeError) return error;
  const root = rootOf(error);
  const passing = isPassing(root);
  return new KosukeError(
    {
      code: 'store',
      fault: 'us',
      what: passing ? `The database could not be asked (${doing})` : `The database refused (${doing})`,
      why: root instanceof Error ? root.message : String(root),
      next: next ?? (passing ? 'It is tried again by itself.' : 'This is a mistake in the program: please report it with the log.'),
    },
    { cause: root, retry: passing },
  );
}

/** The driver's own error, below drizzle's, whose message would show the values. */
function rootOf(error: unknown): unknown {
  let root = error;
  while (root instanceof Error && root.cause !== undefined) root = root.cause;
  return root;
}

function isPassing(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return passingCodes.test(code) || passingMessages.test(error.message);
}

/** SQLSTATE classes 08 (connection), 53 (resources), 57 (operator), 40 and 55P03 (others were first), and what sockets say. */
const passingCodes = /^(?:08...|53...|57...|40...|55P03|E[A-Z]{3,}.*)$/;

/** What `pg` and PGlite say without a code. */
const passingMessages = /connection terminated|timeout exceeded|read timeout|not queryable|connection was closed|pglite is clos/i;

/** The same methods, throwing only what `storeError` makes. */
export function guarded<T extends Record<string, (...args: never[]) => Promise<unknown>>>(name: string, methods: T): T {
  const entries = Object.entries(methods).map(([method, call]) => [method, guard(`${name}.${method}`, call)]);
  return Object.fromEntries(entries) as T;
}

function guard(doing: string, call: (...args: never[]) => Promise<unknown>): (...args: never[]) => Promise<unknown> {
  return async (...args) => {
    try {
      return await call(...args);
    } catch (error) {
      throw storeError(error, doing);
    }
  };
}
