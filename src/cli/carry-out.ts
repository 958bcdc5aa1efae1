import { plainJson, stripAnsi } from '../domain/inert.ts';
import type { PreviewName } from '../domain/preview-name.ts';
import type { CommandName } from './commands.ts';
import { logText, previewsText, previewText, setAsideText, sweepPlanText, sweepText } from './format.ts';
import type { Answer, Operations } from './operations.ts';
import type { Flags } from './parse.ts';
import type { Io } from './run.ts';

export type OperationLine = { command: Exclude<CommandName, 'serve' | 'demo' | 'migrate'>; preview: PreviewName | null; flags: Flags };

/** Asks for one operation and prints its answer. Resolves with the exit code. */
export async function carryOut({ command, preview, flags }: OperationLine, operations: Operations, io: Io): Promise<number> {
  switch (command) {
    case 'list':
      return list(flags, operations, io);
    case 'sweep': {
      if (flags.dryRun) return dryRun(flags, operations, io);
      const answer = await operations.sweep();
      const code = print(answer, flags, io, sweepText);
      return answer.ok && answer.value.problems.length > 0 ? 1 : code;
    }
    case 'logs':
      return logs(preview!, flags, operations, io);
    default:
      return print(await operations[command]({ preview: preview! }), flags, io, previewText);
  }
}

/** A person at a terminal is also told what failed each time, and why. */
async function list(flags: Flags, operations: Operations, io: Io): Promise<number> {
  const answer = await operations.list({ all: flags.all });
  const code = print(answer, flags, io, (rows) => previewsText(rows, io.width));
  if (!answer.ok || flags.json || io.width === null) return code;
  const webhooks = await operations.setAside();
  io.out(setAsideText(answer.value, webhooks.ok ? webhooks.value : []));
  return code;
}

/** Prints what a sweep would do; 1 when not all of it could be found out. */
async function dryRun(flags: Flags, operations: Operations, io: Io): Promise<number> {
  const answer = await operations.planSweep();
  const code = print(answer, flags, io, (plan) => sweepPlanText(plan, io.width));
  if (!answer.ok) return code;
  if (!flags.json) for (const problem of answer.value.problems) io.err(`${stripAnsi(problem)}\n`);
  return answer.value.problems.length > 0 ? 1 : 0;
}

/** Prints what is there; with `follow` goes on until the deployment has ended. */
async function logs(preview: PreviewName, flags: Flags, operations: Operations, io: Io): Promise<number> {
  let deployment = flags.deployment;
  for (let from = 0; ; ) {
    const answer = await operations.logs({ preview, deployment, from });
    if (!answer.ok) return print(answer, flags, io, () => '');
    const { value } = answer;
    io.out(flags.json ? value.lines.map((line) => `${plainJson(JSON.stringify(line))}\n`).join('') : logText(value.lines));
    const more = value.next > from;
    if (!more && (value.ended || !flags.follow)) return 0;
    if (!more) await io.sleep(followEveryMs);
    from = value.next;
    deployment = value.deployment.id;
  }
}

const followEveryMs = 500;

function print<T>(answer: Answer<T>, { json }: Flags, io: Io, text: (value: T) => string): number {
  if (!answer.ok) {
    io.err(`${stripAnsi(answer.problem)}\n`);
    return 1;
  }
  io.out(json ? `${plainJson(JSON.stringify(answer.value, null, 2))}\n` : text(answer.value));
  return 0;
}
