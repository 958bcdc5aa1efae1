import type { WriteStream } from 'node:tty';
import { styleText } from 'node:util';
import { oneLine } from '../domain/markdown.ts';
import type { Step } from './timeline.ts';

/** What a person sees of the demo: aligned lines, with a little colour where the terminal has it. */
export type Screen = {
  line(text: string): void;
  /** `ms` since the step that began it. */
  step(step: Step, ms: number): void;
  strong(text: string): string;
};

type Format = Parameters<typeof styleText>[0];

export function createScreen(out: NodeJS.WriteStream & Partial<Pick<WriteStream, 'columns'>>): Screen {
  const styled = (format: Format, text: string) => styleText(format, text, { stream: out });
  const line = (text: string) => void out.write(`${text}\n`);
  return {
    line,
    strong: (text) => styled('bold', text),
    step({ word, text, look }, ms) {
      const room = out.isTTY && out.columns ? Math.max(out.columns - indent, 20) : Infinity;
      const shown = oneLine(text, room);
      const time = styled('dim', `${(ms / 1000).toFixed(2)} s`.padStart(9));
      line(`${time}  ${styled(look === undefined ? 'cyan' : looks[look], word.padEnd(wordWidth))}${look === 'detail' ? styled('dim', shown) : shown}`);
    },
  };
}

const wordWidth = 10;
const indent = 9 + 2 + wordWidth + 1;
const looks: Record<NonNullable<Step['look']>, Format> = { begin: 'bold', detail: 'dim', good: 'green', bad: 'red' };
