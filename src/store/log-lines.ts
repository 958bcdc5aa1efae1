import { and, asc, eq, gte, sql } from 'drizzle-orm';
import type { LogLine } from '../domain/deployment.ts';
import { logHead, logTail, sizeOfLine } from '../domain/kept-log.ts';
import type { Deployments } from '../reconcile/ports/store.ts';
import { storable, storableJson } from './columns.ts';
import type { Db } from './handle.ts';
import { deployments, logLines } from './schema.ts';
import { notify } from './signals.ts';

/**
 * Logs of builds and starts. A line longer than 8 KiB is cut; NUL characters are dropped. Of a deployment's lines only the first and the last stay
 * (`domain/kept-log.ts`), for a build may be tried again without end: what comes between goes in the statement that adds to the end.
 */
export function makeLogLines(db: Db): Pick<Deployments, 'addLog' | 'log'> {
  return {
    async addLog(deploymentId, lines) {
      if (lines.length === 0) return;
      const { values, bytes } = measured(lines);
      // The counter is also the lock under which two writers take their numbers in turn.
      const { rows } = await db.execute(sql`
        with counter as (
          update ${deployments} set log_count = log_count + ${lines.length}::integer, log_bytes = log_bytes + ${bytes}::bigint
          where ${deployments.id} = ${deploymentId}
          returning id, log_count as count, log_bytes as bytes, log_count - ${lines.length}::integer as first, log_bytes - ${bytes}::bigint as before
        ), fresh as (
          select first + line.n - 1 as seq, before + (line.value->>'end')::bigint as end_byte, (line.value->>'size')::integer as size, line.value
          from counter, jsonb_array_elements(${storableJson(values)}::jsonb) with ordinality as line (value, n)
        ), written as (
          insert into ${logLines} (deployment_id, seq, at, step, stream, text, end_byte)
          select ${deploymentId}::bigint, seq, (value->>'at')::timestamptz, value->>'step', value->>'stream', value->>'text', end_byte
          from fresh, counter where ${isInHead} or ${isInTail(sql`size`)}
        ), dropped as (
          delete from ${logLines} as line using counter
          where line.deployment_id = ${deploymentId}::bigint
            and (count > ${logHead.lines + logTail.lines}::integer or bytes > ${logHead.bytes + logTail.bytes}::integer)
            and not (${isInHead} or ${isInTail(sql`octet_length(text) + 1`)})
        )
        select ${notify('deployment', sql`id`)} from counter`);
      if (rows.length === 0) throw new Error(`there is no deployment ${deploymentId} to log for`);
    },

    async log(deploymentId, from = 0, limit = 10_000) {
      const { at, step, stream, text, seq, endByte } = logLines;
      return db
        .select({ at, step, stream, text, number: seq, end: endByte })
        .from(logLines)
        .where(and(eq(logLines.deploymentId, deploymentId), gte(seq, from)))
        .orderBy(asc(seq))
        .limit(limit);
    },
  };
}

/** As `isInHead` and `isInTail` of the domain. */
const isInHead = sql`(seq < ${logHead.lines}::integer and end_byte <= ${logHead.bytes}::integer)`;
function isInTail(size: ReturnType<typeof sql>) {
  return sql`(seq >= count - ${logTail.lines}::integer and end_byte - (${size}) >= bytes - ${logTail.bytes}::integer)`;
}

/** `end`: sizes of the lines up to this one. */
function measured(lines: readonly LogLine[]): { values: (LogLine & { size: number; end: number })[]; bytes: number } {
  let bytes = 0;
  const values = lines.map((line) => {
    const text = cut(storable(line.text));
    const size = sizeOfLine(text);
    bytes += size;
    return { ...line, step: line.step === null ? null : cut(storable(line.step)), text, size, end: bytes };
  });
  return { values, bytes };
}

/** The first 8 KiB as UTF-8, without half a character at the end. */
function cut(text: string): string {
  if (text.length * 3 <= longestBytes) return text;
  const bytes = Buffer.from(text);
  if (bytes.length <= longestBytes) return text;
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes.subarray(0, longestBytes), { stream: true });
}

const longestBytes = 8 * 1024;
