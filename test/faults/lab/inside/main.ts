/**
 * Loaded into the program by `--import`: knows each call to the outside with the line of `src/` that makes it, and ends the process, as `kill -9`
 * does, right after the one that the laboratory names. The laboratory speaks to it through the unix socket KOSUKE_LAB_SOCKET, a line of JSON each way.
 */
import { unlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { shiftClock } from './shift-clock.ts';
import { nameOf } from './sites.ts';
import { embeddedDatabase, watchCommits } from './watch-commits.ts';
import { watchCalls } from './watch-calls.ts';
import type { Asked } from '../inside.ts';

Error.stackTraceLimit = 60;
const path = process.env['KOSUKE_LAB_SOCKET'] ?? '';
const seen = new Set<string>();
let fatal: string | null = null;

const done = (call: { site: string; does: string }): void => {
  const name = nameOf(call);
  seen.add(name);
  if (name === fatal) process.kill(process.pid, 'SIGKILL');
};
const database = embeddedDatabase();
watchCommits(done);
watchCalls(done);

const answers: { [Name in Asked['ask']]: (asked: Extract<Asked, { ask: Name }>) => unknown } = {
  forget: () => seen.clear(),
  calls: () => [...seen],
  arm: ({ name }) => {
    fatal = name;
  },
  shift: ({ ms }) => shiftClock(ms),
  rows: async ({ sql }) => (await database().query(sql)).rows,
};

try {
  unlinkSync(path);
} catch {
  // The first start: nothing is there.
}
const server = createServer((socket) => {
  socket.on('error', () => socket.destroy());
  createInterface({ input: socket }).on('line', async (line) => {
    const asked = JSON.parse(line) as Asked;
    const answer = answers[asked.ask] as (asked: Asked) => unknown;
    try {
      socket.write(`${JSON.stringify({ value: (await answer(asked)) ?? null })}\n`);
    } catch (error) {
      socket.write(`${JSON.stringify({ error: String(error) })}\n`);
    }
  });
});
server.listen(path);
server.unref();
