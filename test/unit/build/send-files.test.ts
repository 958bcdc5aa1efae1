import assert from 'node:assert/strict';
import { Duplex, PassThrough } from 'node:stream';
import { test } from 'node:test';
import protobuf from 'protobufjs';
import { framed, messagesOf } from '../../../src/build/grpc.ts';
import { inOrder, type LocalSource, type SourceFile } from '../../../src/build/local-source.ts';
import { sendFiles } from '../../../src/build/send-files.ts';

/** As tonistiigi/fsutil describes them. */
const { root } = protobuf.parse(`
  syntax = "proto3";
  message Packet { int32 type = 1; Stat stat = 2; uint32 ID = 3; bytes data = 4; }
  message Stat {
    string path = 1; uint32 mode = 2; uint32 uid = 3; uint32 gid = 4; int64 size = 5; int64 modTime = 6; string linkname = 7;
    int64 devmajor = 8; int64 devminor = 9; map<string, bytes> xattrs = 10;
  }
`);
const packet = root.lookupType('Packet');
type Packet = { type: number; stat: Record<string, unknown> | null; ID: number; data: Buffer };
const [stat, req, data, fin, err] = [0, 1, 2, 3, 4];

/** Both ends of a stream, as a connection has them. */
function connection() {
  const [there, back] = [new PassThrough(), new PassThrough()];
  const sender = Duplex.from({ readable: there, writable: back });
  const received = messagesOf(back);
  const waiting: Packet[] = [];
  return {
    sender,
    ask: (type: number, ID = 0, text = '') => there.write(Buffer.concat(framed(packet.encode({ type, ID, data: Buffer.from(text) }).finish()))),
    async next(): Promise<Packet> {
      while (waiting.length === 0) {
        const { value, done } = await received.next();
        assert.ok(!done, 'it ended');
        waiting.push(...(value as Buffer[]).map((message) => packet.toObject(packet.decode(message), { defaults: true, longs: String }) as Packet));
      }
      return waiting.shift()!;
    },
  };
}

const file = (path: string, rest: Partial<SourceFile> = {}): SourceFile => ({ kind: 'file', path, target: '', mode: 0o644, mtime: 1_700_000_000, size: 0, offset: 0, ...rest });

/** Each file holds its own name over and over. */
async function sourceOf(...files: SourceFile[]): Promise<LocalSource> {
  return { files: await inOrder(files), read: async ({ path }, _, length) => Buffer.alloc(length, path) };
}

async function stats({ next }: ReturnType<typeof connection>): Promise<Record<string, unknown>[]> {
  const found: Record<string, unknown>[] = [];
  for (;;) {
    const { type, stat: one } = await next();
    assert.equal(type, stat);
    if (one === null) return found;
    found.push(one);
  }
}

test('what each file is comes first, in the words of Go, and a bare end after the last', async () => {
  const peer = connection();
  const sending = sendFiles(peer.sender, await sourceOf(file('run', { mode: 0o755, size: 3 }), file('dir', { kind: 'folder', mode: 0o775 }), file('é', { kind: 'link', target: '../x', mode: 0o777, size: 9 })));
  const rest = { uid: 0, gid: 0, modTime: '1700000000000000000', devmajor: '0', devminor: '0', xattrs: {} };
  assert.deepEqual(await stats(peer), [
    { ...rest, path: 'dir', mode: 0x80000000 + 0o775, size: '0', linkname: '' },
    { ...rest, path: 'run', mode: 0o755, size: '3', linkname: '' },
    { ...rest, path: 'é', mode: 0x8000000 + 0o777, size: '0', linkname: '../x' },
  ]);
  peer.ask(fin!);
  assert.equal((await peer.next()).type, fin);
  await sending;
});

test('files come as they are asked for, by the number that each had, in pieces that end with an empty one', async () => {
  const peer = connection();
  const sending = sendFiles(peer.sender, await sourceOf(file('a', { size: 200_000 }), file('b'), file('c', { size: 1 })));
  await stats(peer);
  for (const id of [2, 0, 1]) peer.ask(req!, id);
  const got: string[] = [];
  for (let left = 3; left > 0; ) {
    const { type, ID, data: bytes } = await peer.next();
    assert.equal(type, data);
    got.push(`${ID}:${bytes.length}`);
    assert.ok(bytes.length <= 64 * 1024 && bytes.every((byte) => byte === 'abc'.charCodeAt(ID)));
    if (bytes.length === 0) left -= 1;
  }
  assert.deepEqual(got, ['2:1', '2:0', '0:65536', '0:65536', '0:65536', '0:3392', '0:0', '1:0']);
  peer.ask(fin!);
  await sending;
});

test('what the other side does not take is not read', async () => {
  const peer = connection();
  let read = 0;
  const large: LocalSource = {
    files: [file('large', { size: 1_000_000_000 })],
    read: async (_, __, length) => {
      read += length;
      return Buffer.alloc(length);
    },
  };
  const sending = assert.rejects(sendFiles(peer.sender, large), /left before it had all/);
  await stats(peer);
  peer.ask(req!, 0);
  await peer.next();
  for (let turn = 0; turn < 1_000; turn++) await new Promise(setImmediate);
  assert.ok(read > 0 && read < 2_000_000, String(read));
  peer.sender.destroy();
  await sending;
});

test('a receiver that fails is left to tell it, one that leaves or asks for what is no file is an error, as is a source that cannot be read', async () => {
  const source = await sourceOf(file('a', { size: 1 }), file('b', { kind: 'folder' }));
  const failing = connection();
  const ended = sendFiles(failing.sender, source);
  await stats(failing);
  failing.ask(err!, 0, 'no space left on device');
  await ended;

  for (const id of [1, 2]) {
    const asking = connection();
    const refused = assert.rejects(sendFiles(asking.sender, source), new RegExp(`asked for file ${id}, which is none`));
    await stats(asking);
    asking.ask(req!, id);
    await refused;
  }

  const broken = connection();
  const unread = assert.rejects(sendFiles(broken.sender, { ...source, read: () => Promise.reject(new Error('the disk broke')) }), /the disk broke/);
  await stats(broken);
  broken.ask(req!, 0);
  await unread;
});
