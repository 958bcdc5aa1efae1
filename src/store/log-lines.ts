import { and, asc, eq, gte, sql } from 'drizzle-orm';
import type { LogLine } from '../domain/deployment.ts';
import type { Deployments } from '../reconcile/ports/store.ts';
import { storable, storableJson } from './columns.ts';
import type { Db } from './handle.ts';
import { deployments, logLines } from './schema.ts';

/**
 * Logs of builds and starts. A line longer than 8 KiB is cut; NUL characters are dropped. A deployment keeps its first 50,000 lines, for
 * a build may be tried again without end.
 */
export function makeLogLines(db: Db): Pick<Deployments, 'addLog' | 'log'> {
  return {
    async addLog(deploymentId, lines) {
      if (lines.length === 0) return;
      // The counter is also the lock under which two writers take their numbers in turn.
      const { rows } = await db.execute(sql`
        with counter as (
          update ${deployments} set log_count = log_count + ${lines.length}::integer
          where ${deployments.id} = ${deploymentId} returning log_count - ${lines.length}::integer as first
        ), written as (
          insert into ${logLines} (deployment_id, seq, at, step, stream, text)
          select ${deploymentId}::bigint, first + line.n - 1, (line.value->>'at')::timestamptz, line.value->>'step', line.value->>'stream', line.value->>'text'
          from counter, jsonb_array_elements(${storableJson(lines.map(shortened))}::jsonb) with ordinality as line (value, n)
          where first + line.n - 1 < ${mostLines}::integer
        )
        select first from counter`);
      if (rows.length === 0) throw new Error(`there is no deployment ${deploymentId} to log for`);
    },

    async log(deploymentId, from = 0, limit = 10_000) {
      const { at, step, stream, text, seq } = logLines;
      return db
        .select({ at, step, stream, text })
        .from(logLines)
        .where(and(eq(logLines.deploymentId, deploymentId), gte(seq, from)))
        .orderBy(asc(seq))
        .limit(limit);
    },
  };
}

function shortened(line: LogLine): LogLine {
  return { ...line, step: line.step === null ? null : cut(storable(line.step)), text: cut(storable(line.text)) };
}

/** The first 8 KiB as UTF-8, without half a character at the end. */
function cut(text: string): string {
  if (text.length * 3 <= longestBytes) return text;
  const bytes = Buffer.from(text);
  if (bytes.length <= longestBytes) return text;
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes.subarray(0, longestBytes), { stream: true });
}

const mostLines = 50_000;
const longestBytes = 8 * 1024;
