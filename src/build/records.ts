import type { Readable } from 'node:stream';

/** One line of the engine's answer to a build. */
export type BuildRecord = { id?: string; aux?: unknown; error?: string };

/** The JSON lines of a build's answer. Throws when the answer breaks off or is not JSON; ending the loop ends the request. */
export async function* records(answer: Readable): AsyncGenerator<BuildRecord> {
  answer.setEncoding('utf8');
  let rest = '';
  for await (const chunk of answer as AsyncIterable<string>) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line.trim() !== '') yield JSON.parse(line) as BuildRecord;
    }
  }
  if (rest.trim() !== '') yield JSON.parse(rest) as BuildRecord;
}
