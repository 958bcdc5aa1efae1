import type { Duplex } from 'node:stream';
import { messagesOf } from './grpc.ts';
import type { LocalSource, SourceFile } from './local-source.ts';
import { packets, wishIn } from './packets.ts';

/**
 * Sends a tree to BuildKit: first what each file is, then the content of those that it asks for, in the order in which it asks. What it asks for
 * meanwhile waits in the stream, and so does what it does not take: no more than half a MiB is in memory. Resolves when the receiver
 * says that it has all or has failed, which it tells itself. Throws when the source or the stream does.
 */
export async function sendFiles(stream: Duplex, source: LocalSource): Promise<void> {
  const { send, flush } = createOutbox(stream);
  for (const file of source.files) await send(packets.file(file));
  await send(packets.noMoreFiles());
  await flush();
  // Leaving the loop must not end the stream: the answer's end is still to be sent.
  for await (const messages of messagesOf(stream.iterator({ destroyOnReturn: false }))) {
    const wishes = messages.map(wishIn);
    const asked = wishes.flatMap((wish) => (wish.kind === 'file' ? [wish.id] : []));
    for await (const { id, data } of readAhead(piecesOf(source.files, asked), source)) await send(data === null ? packets.noMoreData(id) : packets.data(id, data));
    const isDone = wishes.some(({ kind }) => kind === 'done');
    if (isDone) await send(packets.done());
    await flush();
    if (isDone || wishes.some(({ kind }) => kind === 'failed')) return;
  }
}

type Piece = { id: number; file: SourceFile; position: number; length: number };

/** Each file in pieces, the last of them empty. */
function* piecesOf(files: readonly SourceFile[], asked: readonly number[]): Generator<Piece> {
  for (const id of asked) {
    const file = files[id];
    if (file?.kind !== 'file') throw new Error(`the engine asked for file ${id}, which is none`);
    for (let position = 0; position < file.size; position += pieceLength) yield { id, file, position, length: Math.min(pieceLength, file.size - position) };
    yield { id, file, position: file.size, length: 0 };
  }
}

/** A few are read while those before them are on their way: small files would else wait for the disk one by one. */
async function* readAhead(pieces: Iterator<Piece>, { read }: LocalSource): AsyncGenerator<{ id: number; data: Buffer | null }> {
  const reading: Promise<{ id: number; data: Buffer | null }>[] = [];
  for (;;) {
    while (reading.length < piecesAhead) {
      const { value, done } = pieces.next();
      if (done) break;
      const { id, file, position, length } = value as Piece;
      const piece = length === 0 ? Promise.resolve({ id, data: null }) : read(file, position, length).then((data) => ({ id, data }));
      // It is looked at in its turn, or not at all when one before it failed.
      piece.catch(() => undefined);
      reading.push(piece);
    }
    const first = reading.shift();
    if (first === undefined) return;
    yield await first;
  }
}

const pieceLength = 64 * 1024;
const piecesAhead = 8;

/** Small packets go out together. Waits while the other side does not take them; throws when it is gone. */
function createOutbox(stream: Duplex) {
  let waiting: Buffer[] = [];
  let length = 0;
  const flush = async (): Promise<void> => {
    const bytes = Buffer.concat(waiting, length);
    waiting = [];
    length = 0;
    if (bytes.length === 0 || (!stream.destroyed && stream.write(bytes))) return;
    if (stream.destroyed) throw gone();
    await drained(stream);
  };
  return {
    flush,
    async send(packet: readonly Buffer[]): Promise<void> {
      for (const part of packet) {
        waiting.push(part);
        length += part.length;
      }
      if (length >= pieceLength) await flush();
    },
  };
}

async function drained(stream: Duplex): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const leave = (): void => {
      stream.off('drain', onDrain).off('close', onClose);
    };
    const onDrain = (): void => (leave(), resolve());
    const onClose = (): void => (leave(), reject(gone()));
    stream.on('drain', onDrain).on('close', onClose);
  });
}

function gone(): Error {
  return new Error('the engine left before it had all files');
}
