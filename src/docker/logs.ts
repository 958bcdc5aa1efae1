import { call } from './call.ts';
import type { Context } from './context.ts';

/**
 * The last lines that a container wrote, stdout and stderr in the engine's order, at most `maxBytes`, cut at a line's start where
 * there is one. Escape sequences are left in.
 */
export async function logTail(context: Context, id: string, maxBytes: number, signal: AbortSignal): Promise<string> {
  const framed = await call('reading the log of a container', { signal, ms: context.limitMs }, (abortSignal) =>
    context.docker.getContainer(id).logs({ stdout: true, stderr: true, follow: false, tail: maxEntries, abortSignal }),
  );
  return lastBytes(unframe(framed), maxBytes);
}

/** The engine keeps entries of at most 16 KiB, so this bounds what is held in memory. */
const maxEntries = 500;

/** The payloads of the engine's multiplexed log stream (8 bytes of header: stream, 3 × 0, big-endian length), one after the other. */
export function unframe(framed: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at + headerLength <= framed.length; ) {
    const end = at + headerLength + framed.readUInt32BE(at + 4);
    parts.push(framed.subarray(at + headerLength, end));
    at = end;
  }
  return Buffer.concat(parts);
}

const headerLength = 8;

/** The end of a UTF-8 text: at most `maxBytes`, whole lines unless the last line alone is longer, never half a character. */
export function lastBytes(text: Buffer, maxBytes: number): string {
  if (text.length <= maxBytes) return text.toString();
  let start = text.length - maxBytes;
  const lineEnd = text.indexOf(0x0a, start - 1);
  if (lineEnd !== -1 && lineEnd + 1 < text.length) return text.subarray(lineEnd + 1).toString();
  while (start < text.length && (text[start]! & 0xc0) === 0x80) start++;
  return text.subarray(start).toString();
}
