import { setImmediate as turn } from 'node:timers/promises';
import type { Logger } from 'pino';
import { stripAnsi } from '../domain/inert.ts';
import { leftOutText } from '../pages/log-html.ts';
import type { Deployments } from '../reconcile/ports/store.ts';

/**
 * A deployment's log, as far as it is kept, as plain UTF-8 text, read piece by piece as it is taken, with a turn for others after each. Steps are
 * marked by `==> `, lines that are left out by how many. When the rest cannot be read, the last line says so.
 */
export function logText(deployments: Pick<Deployments, 'log'>, deploymentId: number, log: Logger): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let next = 0;
  let gone = false;
  return new ReadableStream({
    async pull(controller) {
      try {
        await turn();
        const lines = await deployments.log(deploymentId, next, piece);
        let text = '';
        for (const line of lines) {
          if (line.number > next) text += `(${leftOutText(line.number - next)}.)\n`;
          text += textOf(line);
          next = line.number + 1;
        }
        if (gone) return;
        if (lines.length > 0) controller.enqueue(encoder.encode(text));
        if (lines.length < piece) controller.close();
      } catch (error) {
        if (gone) return;
        log.error({ err: error, deployment: deploymentId }, 'a log could not be read to its end');
        controller.enqueue(encoder.encode('(The rest of this log could not be read. Try again in a moment.)\n'));
        controller.close();
      }
    },
    cancel() {
      gone = true;
    },
  });
}

const piece = 1000;

function textOf(line: { stream: string; text: string }): string {
  return `${line.stream === 'step' ? '==> ' : ''}${stripAnsi(line.text)}\n`;
}
