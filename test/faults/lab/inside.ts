import { connect } from 'node:net';
import { createInterface } from 'node:readline';

/** What can be asked of the part of the laboratory that is loaded into the program (`inside/main.ts`). */
export type Asked =
  /** Forgets the calls that were seen. */
  | { ask: 'forget' }
  /** The names of those seen since. */
  | { ask: 'calls' }
  /** Kill right after the next call of that name; `null`: no kill. */
  | { ask: 'arm'; name: string | null }
  /** The program's clock goes wrong by so many ms from now on. */
  | { ask: 'shift'; ms: number }
  /** Reads the embedded database. */
  | { ask: 'rows'; sql: string };

/** Settings by which the program loads it. */
export function insideSettings(socket: string): Record<string, string> {
  return { NODE_OPTIONS: `--import ${new URL('inside/main.ts', import.meta.url).href}`, KOSUKE_LAB_SOCKET: socket };
}

/** Asks it, for five seconds at most. Rejects when the program does not run, or ends meanwhile. */
export function ask<T = unknown>(socketPath: string, asked: Asked): Promise<T> {
  return new Promise((resolve, reject) => {
    const socket = connect(socketPath);
    const lines = createInterface({ input: socket });
    const end = (act: () => void) => {
      clearTimeout(late);
      lines.close();
      socket.destroy();
      act();
    };
    const late = setTimeout(() => end(() => reject(new Error('the program gave the laboratory no answer within 5 s'))), 5_000);
    socket.once('error', (error) => end(() => reject(error)));
    socket.once('close', () => end(() => reject(new Error('the program ended while the laboratory asked it'))));
    lines.on('error', () => undefined);
    lines.once('line', (line) => {
      const answer = JSON.parse(line) as { value?: T; error?: string };
      end(() => (answer.error === undefined ? resolve(answer.value as T) : reject(new Error(answer.error))));
    });
    socket.write(`${JSON.stringify(asked)}\n`);
  });
}
