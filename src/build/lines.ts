import { StringDecoder } from 'node:string_decoder';

/** Cuts a stream of bytes into lines. A line longer than `lineLimit` characters is given in one piece of that length, its rest dropped. */
export type LineSplitter = {
  /** Lines that end in this chunk. */
  push(chunk: Uint8Array): string[];
  /** The last line when it had no end, else nothing. */
  end(): string[];
};

export const lineLimit = 8_192;

export function createLineSplitter(): LineSplitter {
  const decoder = new StringDecoder('utf8');
  let open = '';

  const take = (text: string): string[] => {
    const parts = text.split('\n');
    const rest = parts.pop() ?? '';
    const lines = parts.map((part) => {
      const line = cut(open + part);
      open = '';
      return line;
    });
    // What is beyond the limit is never shown: keeping it would let one endless line fill the memory.
    open = (open + rest).slice(0, lineLimit + 1);
    return lines;
  };

  return {
    push: (chunk) => take(decoder.write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength))),
    end() {
      const lines = take(decoder.end());
      if (open !== '') lines.push(cut(open));
      open = '';
      return lines;
    },
  };
}

function cut(line: string): string {
  return line.length > lineLimit ? `${line.slice(0, lineLimit)}…` : line.replace(/\r$/, '');
}
