import type { IncomingMessage } from 'node:http';
import type { SentBody } from '../contract/rest.ts';
import type { JsonObject } from '../types.ts';
import { ApiError, invalid } from './errors.ts';

const largest = 10 * 1024 * 1024;

/** The kind of a field; `?` means it may be left out, `null` that it may be null. */
export type Kind = 'string' | 'string?' | 'string|null?' | 'boolean?' | 'strings?' | 'integers?' | 'object?' | 'object|string?';

type Value<K extends Kind> = K extends 'string'
  ? string
  : K extends 'string?'
    ? string | undefined
    : K extends 'string|null?'
      ? string | null | undefined
      : K extends 'boolean?'
        ? boolean | undefined
        : K extends 'strings?'
          ? string[] | undefined
          : K extends 'integers?'
            ? number[] | undefined
            : K extends 'object?'
              ? JsonObject | undefined
              : JsonObject | string | undefined;

/**
 * The fields of a body, each of the kind that `spec` gives it.
 * @throws ApiError 422 for a missing or wrong one, and for one that is not in `spec`.
 */
export function fields<S extends Record<string, Kind>>(body: JsonObject, spec: S): { [F in keyof S]: Value<S[F]> } {
  const unknown = Object.keys(body).find((key) => !(key in spec));
  if (unknown !== undefined) throw invalid(`Invalid request.\n\n"${unknown}" is not a permitted key.`);
  for (const [name, kind] of Object.entries(spec)) {
    const value = body[name];
    if (value === undefined && !kind.endsWith('?')) throw invalid(`Invalid request.\n\n"${name}" wasn't supplied.`);
    if (value !== undefined && !kind.replace('?', '').split('|').some((one) => is(value, one))) {
      throw invalid(`Invalid request.\n\nFor '${name}', ${JSON.stringify(value)} is not a ${kind.replace('?', '')}.`);
    }
  }
  return body as { [F in keyof S]: Value<S[F]> };
}

/** @throws ApiError 400 when the body is not a JSON object, 413 when it is over 10 MiB. */
export async function readBody(request: IncomingMessage): Promise<Exclude<SentBody, { kind: 'unreadable' }>> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > largest) throw new ApiError(413, 'Payload too large');
    chunks.push(chunk);
  }
  if (size === 0) return { kind: 'none' };
  let body: unknown;
  try {
    body = JSON.parse(Buffer.concat(chunks).toString());
  } catch {
    throw new ApiError(400, 'Problems parsing JSON');
  }
  if (!isObject(body)) throw new ApiError(400, 'Body should be a JSON object');
  return { kind: 'json', value: body };
}

function is(value: unknown, kind: string): boolean {
  if (kind === 'null') return value === null;
  if (kind === 'strings') return Array.isArray(value) && value.every((one) => typeof one === 'string');
  if (kind === 'integers') return Array.isArray(value) && value.every((one) => Number.isSafeInteger(one));
  return kind === 'object' ? isObject(value) : typeof value === kind;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
