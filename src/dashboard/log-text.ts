import { setImmediate as turn } from 'node:timers/promises';
import type { Logger } from 'pino';
import { stripAnsi } from '../domain/inert.ts';
import type { Deployments } from '../reconcile/ports/store.ts';

/**
 * A deployment's whole log as plain UTF-8 text, read piece by piece as it is taken, with a turn for others after each. Steps are marked by `==> `. When the rest cannot
 * be read, the last line says so.
 */
export function logText(deployments: Pick<Deployments, 'log'>, deploymentId: number, log: Logger): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let from = 0;
  return new ReadableStream({
    async pull(controller) {
      try {
        await turn();
        const lines = await deployments.log(deploymentId, from, piece);
        from += lines.length;
        if (lines.length > 0) controller.enqueue(encoder.encode(lines.map(textOf).join('')));
        if (lines.length < piece) controller.close();
      } catch (error) {
        log.error({ err: error, deployment: deploymentId }, 'a log could not be read to its end');
        controller.enqueue(encoder.encode('(The rest of this log could not be read. Try again in a moment.)\n'));
        controller.close();
      }
    },
  });
}

const piece = 200;

function textOf(line: { stream: string; text: string }): string {
  return `${line.stream === 'step' ? '==> ' : ''}${stripAnsi(line.text)}\n`;
}
