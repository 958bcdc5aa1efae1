/** gRPC's frame: not compressed, length, message. The end of a message may come by itself, so that it need not be copied. */
export function framed(message: Uint8Array, end: Uint8Array = none): Buffer[] {
  const header = Buffer.alloc(headerLength);
  header.writeUInt32BE(message.length + end.length, 1);
  const beginning = Buffer.concat([header, message]);
  return end.length === 0 ? [beginning] : [beginning, Buffer.from(end.buffer, end.byteOffset, end.length)];
}

const none = new Uint8Array();

/** The messages of a gRPC stream, those of each chunk together. Throws for one that is compressed, longer than 1 MiB or cut off. */
export async function* messagesOf(stream: AsyncIterable<Buffer>): AsyncGenerator<Buffer[]> {
  let kept: Buffer = Buffer.alloc(0);
  for await (const chunk of stream) {
    kept = kept.length === 0 ? chunk : Buffer.concat([kept, chunk]);
    const messages: Buffer[] = [];
    while (kept.length >= headerLength) {
      const length = kept.readUInt32BE(1);
      if (kept[0] !== 0 || length > longestMessage) throw new Error('the engine sent a message that cannot be read');
      if (kept.length < headerLength + length) break;
      messages.push(kept.subarray(headerLength, headerLength + length));
      kept = kept.subarray(headerLength + length);
    }
    yield messages;
  }
  if (kept.length > 0) throw new Error('the engine stopped within a message');
}

const headerLength = 5;
/** What is asked for are numbers and error texts. */
const longestMessage = 1024 * 1024;
