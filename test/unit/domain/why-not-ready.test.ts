import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { SeenPort } from '../../../src/domain/ports.ts';
import { exited, notReady, wrongPort } from '../../../src/domain/why-not-ready.ts';

const open = (port: number, answer: SeenPort['answer'] = { kind: 'http', status: 200 }): SeenPort => ({ port, loopbackOnly: false, answer });
const inside = (port: number): SeenPort => ({ port, loopbackOnly: true, answer: null });

const table: { name: string; seen: SeenPort[] | null; exposed?: number[]; why: string; next: string }[] = [
  { name: 'nothing listens', seen: [], why: 'it listens on no port at all', next: 'Let the app listen on 0.0.0.0 and the port in the variable PORT (3000).' },
  { name: 'inside its container only', seen: [inside(3000)], why: 'it listens on 127.0.0.1:3000 only, where nothing outside its container reaches it', next: 'Let the app listen on 0.0.0.0:3000.' },
  { name: 'another port inside its container only', seen: [inside(5173)], why: 'it listens on 127.0.0.1:5173 only, where nothing outside its container reaches it', next: 'Let the app listen on 0.0.0.0 and the port in the variable PORT (3000).' },
  { name: 'IPv6 only', seen: [open(3000, { kind: 'refused' })], why: 'it listens there on IPv6 only, and containers are reached by IPv4', next: 'Let the app listen on 0.0.0.0:3000.' },
  { name: 'several other ports', seen: [open(8080), open(9090)], why: 'it listens on ports 8080 and 9090 instead', next: 'Let the app listen on 0.0.0.0 and the port in the variable PORT (3000), or write the right one of them into the Dockerfile: EXPOSE 8080 or EXPOSE 9090.' },
  { name: 'several, one of which stands there already', seen: [open(8080, { kind: 'other' }), open(9090)], exposed: [8080], why: 'it listens on ports 8080 and 9090 instead', next: 'Let the app listen on 0.0.0.0 and the port in the variable PORT (3000), or write the right one of them into the Dockerfile: EXPOSE 9090.' },
  { name: 'all stand there already', seen: [open(8080, { kind: 'other' }), open(9090, { kind: 'other' })], exposed: [8080, 9090], why: 'it listens on ports 8080 and 9090 instead', next: 'Let the app listen on 0.0.0.0 and the port in the variable PORT (3000).' },
];

describe('why an app was not reached on its port, and an advice that does not stand there already', () => {
  for (const { name, seen, exposed = [], why, next } of table) {
    test(name, () => assert.partialDeepStrictEqual(wrongPort(seen, { expected: 3000, exposed }), { code: 'wrong-port', fault: 'app', what: 'The app does not listen on port 3000', why, next }));
  }

  test('it was, or that is not known', () => {
    assert.equal(wrongPort([open(3000, { kind: 'silent' }), open(8080)], { expected: 3000, exposed: [] }), null);
    assert.equal(wrongPort(null, { expected: 3000, exposed: [] }), null);
  });
});

test('what did not answer as it should is told with the host that was asked', () => {
  const { what, why } = notReady({ expected: 3000, host: 'project-1-a.kosuke.ai', timeoutMs: 120_000, lastAnswer: 'status 502' });
  assert.equal(`${what}: ${why}`, 'The app did not answer on port 3000 within 120 s: its last answer to GET / for project-1-a.kosuke.ai was status 502');
});

test('a program that was not let start is told with the capabilities that it lacks', () => {
  assert.equal(exited(126, { program: '/bin/vault', lacks: ['IPC_LOCK'] }).why, 'the file of /bin/vault asks for the capability IPC_LOCK, which no container has here, so the kernel does not let it start');
  assert.match(exited(126, { program: 'x', lacks: ['NET_RAW', 'NET_ADMIN'] }).why, /the capabilities NET_RAW, NET_ADMIN,/);
  assert.match(exited(137, null).why, /want of memory/);
  assert.equal(exited(1, null).why, '');
});
