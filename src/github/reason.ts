import { hideCredentials } from '../domain/credentials.ts';

/** Why something failed, in one line of at most 500 characters without credentials: the messages of the parts where an error has several. */
export function reasonOf(error: unknown): string {
  const parts: unknown[] = error instanceof AggregateError ? error.errors : [error];
  const messages = parts.map((part) => (part instanceof Error ? part.message : String(part)));
  return hideCredentials(messages.join('; ')).replaceAll(/\s+/g, ' ').slice(0, 500);
}
