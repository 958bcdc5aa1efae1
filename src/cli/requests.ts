import { z } from 'zod';
import type { OperationName, Operations } from './operations.ts';

/** What a request to each operation must look like when it comes through the socket. */
const name = z.string().min(1).max(300);
const preview = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('host'), hostLabel: z.string().min(1).max(63) }),
  z.strictObject({ kind: z.literal('pull'), owner: name, repo: name, number: z.int().positive() }),
  z.strictObject({ kind: z.literal('branch'), owner: name, repo: name, branch: z.string().min(1).max(1024) }),
]);
const onPreview = z.strictObject({ preview });

export const requestSchemas = {
  list: z.strictObject({ all: z.boolean() }),
  setAside: z.strictObject({}),
  logs: z.strictObject({ preview, deployment: z.int().positive().nullable(), from: z.int().nonnegative() }),
  redeploy: onPreview,
  sleep: onPreview,
  wake: onPreview,
  remove: onPreview,
  sweep: z.strictObject({}),
  planSweep: z.strictObject({}),
} satisfies { [Name in OperationName]: z.ZodType<Parameters<Operations[Name]> extends [infer Request] ? Request : object> };
