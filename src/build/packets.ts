import protobuf from 'protobufjs';
import { framed } from './grpc.ts';
import type { SourceFile } from './local-source.ts';

/** What the receiver of files says: it asks for the file with that number, is done, or has failed. */
export type Wish = { kind: 'file'; id: number } | { kind: 'done' } | { kind: 'failed'; why: string };

/** Packets to the receiver as gRPC frames (tonistiigi/fsutil, `types/wire.proto`, the same in all its versions). */
export const packets = {
  file: ({ kind, path, target, mode, mtime, size }: SourceFile): Buffer[] =>
    encoded({
      type: types.stat,
      stat: { path, mode: kindBits[kind] + (kind === 'link' ? 0o777 : mode), size: kind === 'file' ? size : 0, modTime: mtime * 1e9, linkname: target },
    }),
  /** After the last file. */
  noMoreFiles: (): Buffer[] => encoded({ type: types.stat }),
  data: (id: number, data: Uint8Array): Buffer[] => framed(packet.encode({ type: types.data, ID: id }).uint32(dataTag).uint32(data.length).finish(), data),
  /** After the last data of a file. */
  noMoreData: (id: number): Buffer[] => encoded({ type: types.data, ID: id }),
  done: (): Buffer[] => encoded({ type: types.fin }),
  failed: (why: string): Buffer[] => encoded({ type: types.err, data: Buffer.from(why) }),
};

/** Throws when it is no packet of a receiver. */
export function wishIn(message: Uint8Array): Wish {
  const { type, ID, data } = packet.toObject(packet.decode(message), { defaults: true }) as { type: number; ID: number; data: Buffer };
  if (type === types.req) return { kind: 'file', id: ID };
  if (type === types.fin) return { kind: 'done' };
  if (type === types.err) return { kind: 'failed', why: Buffer.from(data).toString() };
  throw new Error('the engine sent a message that is none of its role');
}

const types = { stat: 0, req: 1, data: 2, fin: 3, err: 4 } as const;

/** Of the field `data`: number 4, bytes. */
const dataTag = (4 << 3) | 2;

/** Go's `os.FileMode`. */
const kindBits = { file: 0, folder: 2 ** 31, link: 2 ** 27 } as const;

function encoded(message: Record<string, unknown>): Buffer[] {
  return framed(packet.encode(message).finish());
}

/** The owner is left at 0, root, whoever it was: Docker's client does so, too. */
const packet = protobuf.Root.fromJSON({
  nested: {
    Packet: {
      fields: {
        type: { type: 'int32', id: 1 },
        stat: { type: 'Stat', id: 2 },
        ID: { type: 'uint32', id: 3 },
        data: { type: 'bytes', id: 4 },
      },
    },
    Stat: {
      fields: {
        path: { type: 'string', id: 1 },
        mode: { type: 'uint32', id: 2 },
        size: { type: 'int64', id: 5 },
        modTime: { type: 'int64', id: 6 },
        linkname: { type: 'string', id: 7 },
      },
    },
  },
}).lookupType('Packet');
