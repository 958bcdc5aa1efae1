import assert from 'node:assert/strict';
import { endianness } from 'node:os';
import { test } from 'node:test';
import { parseListeners } from '../../../src/docker/listening-ports.ts';

const skip = endianness() === 'BE' ? 'the samples were taken on a little-endian machine' : false;
const header = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n';
const line = (at: number, local: string, state: string, remote = '00000000:0000'): string =>
  `   ${at}: ${local} ${remote} ${state} 00000000:00000000 00:00000000 00000000     0        0 26337 1 0000000000000000 100 0 0 10 0\n`;

test('listening sockets are told with whether only loopback reaches them', { skip }, () => {
  const tcp = header + line(0, '00000000:0BB8', '0A') + line(1, '0100007F:1F90', '0A') + line(2, '020A0A0A:0016', '0A');
  assert.deepEqual(parseListeners(tcp, ''), [
    { port: 22, loopbackOnly: false },
    { port: 3000, loopbackOnly: false },
    { port: 8080, loopbackOnly: true },
  ]);
});

test('connections and the name server of the engine are no listening ports', { skip }, () => {
  const tcp = header + line(0, '0B00007F:9C41', '0A') + line(1, '020A0A0A:0BB8', '01', '030A0A0A:D431');
  assert.deepEqual(parseListeners(tcp, ''), []);
});

test('IPv6 sockets count, mapped and loopback ones too, and one open address is enough', { skip }, () => {
  const zeros = '0'.repeat(32);
  const tcp6 =
    header +
    line(0, `${zeros}:0BB8`, '0A') +
    line(1, '00000000000000000000000001000000:0FA0', '0A') +
    line(2, '0000000000000000FFFF00000100007F:1388', '0A') +
    line(3, '00000000000000000000000001000000:0BB8', '0A');
  assert.deepEqual(parseListeners(header, tcp6), [
    { port: 3000, loopbackOnly: false },
    { port: 4000, loopbackOnly: true },
    { port: 5000, loopbackOnly: true },
  ]);
});
