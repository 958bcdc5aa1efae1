import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { expectedPort, otherPort, portList, settledAfterMs, type OtherPort, type PortAnswer, type SeenPort } from '../../../src/domain/ports.ts';

const http = (status: number): PortAnswer => ({ kind: 'http', status });
const open = (port: number, answer: PortAnswer | null = http(200)): SeenPort => ({ port, loopbackOnly: false, answer });
const inside = (port: number): SeenPort => ({ port, loopbackOnly: true, answer: null });

const table: { name: string; seen: SeenPort[]; expected?: number; exposed?: number[]; other: OtherPort | null }[] = [
  { name: 'nothing listens', seen: [], other: null },
  { name: 'the expected port answers', seen: [open(3000), open(8080)], other: null },
  { name: 'the expected port answers with an error', seen: [open(3000, http(503)), open(8080)], other: null },
  { name: 'the expected port is silent: the app may be thinking', seen: [open(3000, { kind: 'silent' }), open(8080)], other: null },
  { name: 'one of two exposed ports, the other for TLS', seen: [open(80)], exposed: [80, 443], other: { port: 80, sure: 'at-once' } },
  { name: 'one of two exposed ports, while the other may still come', seen: [open(9001)], exposed: [8000, 9001], other: { port: 9001, sure: 'soon' } },
  { name: 'an exposed one that takes its time', seen: [open(80, { kind: 'silent' })], exposed: [80, 443], other: { port: 80, sure: 'later' } },
  { name: 'an exposed one that takes its time, beside metrics that nobody exposes', seen: [open(80, { kind: 'silent' }), open(9090)], exposed: [80, 443], other: { port: 80, sure: 'later' } },
  { name: 'an exposed one that is for TLS alone', seen: [open(443, { kind: 'tls' })], exposed: [80, 443], other: { port: 443, sure: 'later' } },
  { name: 'several exposed ones that take their time', seen: [open(80, { kind: 'silent' }), open(8080, { kind: 'silent' })], exposed: [80, 8080], other: null },
  { name: 'a page of a helper, while the exposed and expected port is missing', seen: [open(8055)], exposed: [3000], other: { port: 8055, sure: 'at-the-end' } },
  { name: 'of two exposed ones that listen, one is for TLS', seen: [open(80), open(443, { kind: 'tls' })], exposed: [80, 443], other: { port: 80, sure: 'at-once' } },
  { name: 'php-fpm of the base image beside a web server', seen: [open(80), open(9000, { kind: 'other' })], exposed: [80, 9000], other: { port: 80, sure: 'at-once' } },
  { name: 'php-fpm alone is exposed and expected, a web server is not', seen: [open(80), open(9000, { kind: 'other' })], expected: 9000, exposed: [9000], other: { port: 80, sure: 'soon' } },
  { name: 'several exposed ones answer: the one with a page', seen: [open(80, http(404)), open(8080)], exposed: [80, 8080], other: { port: 8080, sure: 'at-once' } },
  { name: 'several exposed ones have a page: the lowest', seen: [open(8080), open(80)], exposed: [80, 8080], other: { port: 80, sure: 'at-once' } },
  { name: 'several exposed ones, all with errors: the mildest', seen: [open(80, http(500)), open(8080, http(403))], exposed: [80, 8080], other: { port: 8080, sure: 'soon' } },
  { name: 'an exposed one beside the expected one that does not listen yet', seen: [open(9229)], exposed: [3000, 9229], other: { port: 9229, sure: 'soon' } },
  { name: 'one port that nobody exposes', seen: [open(8080)], other: { port: 8080, sure: 'soon' } },
  { name: 'one that nobody exposes and that has no page: metrics, a debugger', seen: [open(9090, http(404))], other: { port: 9090, sure: 'later' } },
  { name: 'one that nobody exposes and that is no HTTP', seen: [open(5000, { kind: 'other' })], other: { port: 5000, sure: 'at-the-end' } },
  { name: 'several that nobody exposes', seen: [open(8080), open(9090)], other: null },
  { name: 'one beyond loopback, others inside', seen: [inside(9229), open(8080), inside(3001)], other: { port: 8080, sure: 'soon' } },
  { name: 'the expected one inside only, another beyond', seen: [inside(3000), open(8080)], other: { port: 8080, sure: 'soon' } },
  { name: 'the expected one, inside only', seen: [inside(3000), inside(8080)], other: { port: null, sure: 'later' } },
  { name: 'the expected one, on IPv6 only', seen: [open(3000, { kind: 'refused' })], other: { port: null, sure: 'later' } },
  { name: 'others inside only', seen: [inside(8080)], other: null },
  { name: 'one that accepts no IPv4 connection', seen: [open(8080, { kind: 'refused' })], other: null },
];

describe('the port that an app listens on instead', () => {
  for (const { name, seen, expected = 3000, exposed = [], other } of table) {
    test(name, () => assert.deepEqual(otherPort(seen, { expected, exposed }), other));
  }

  test('property: it listens beyond loopback, is not the expected one, and the order in which ports are seen does not matter', () => {
    const port = fc.constantFrom(80, 443, 3000, 8080, 9000);
    const answer = fc.oneof(fc.constant(null), fc.constantFrom('tls' as const, 'refused' as const, 'silent' as const, 'other' as const).map((kind) => ({ kind })), fc.constantFrom(200, 301, 404, 500).map(http));
    const seen = fc.uniqueArray(fc.record({ port, loopbackOnly: fc.boolean(), answer }), { selector: (one) => one.port });
    fc.assert(
      fc.property(seen, fc.uniqueArray(port), port, (ports, exposed, expected) => {
        const other = otherPort(ports, { expected, exposed });
        assert.deepEqual(otherPort(ports.toReversed(), { expected, exposed }), other);
        if (other === null || other.port === null) return;
        assert.notEqual(other.port, expected);
        assert.equal(ports.find((one) => one.port === other.port)?.loopbackOnly, false);
      }),
    );
  });
});

test('what is sure is taken soon, what may still change later, and both within the time that an app has', () => {
  const all = ['at-once', 'soon', 'later', 'at-the-end'] as const;
  assert.deepEqual(all.map((sure) => settledAfterMs(sure, 120_000)), [0, 10_000, 30_000, Infinity]);
  assert.deepEqual(all.map((sure) => settledAfterMs(sure, 6_000)), [0, 1_000, 1_500, Infinity]);
});

test('a version is expected on the only exposed port, else on 3000, and where the one before was reached while the image exposes the same', () => {
  assert.equal(expectedPort([], undefined), 3000);
  assert.equal(expectedPort([8080], undefined), 8080);
  assert.equal(expectedPort([80, 443], undefined), 3000);
  assert.equal(expectedPort([80, 443], { port: 80, exposedPorts: [80, 443] }), 80);
  assert.equal(expectedPort([80, 8443], { port: 80, exposedPorts: [80, 443] }), 3000);
  assert.equal(expectedPort([], { port: 5000, exposedPorts: [] }), 5000);
  assert.equal(expectedPort([8080], { port: null, exposedPorts: [8080] }), 8080);
});

test('ports are listed as people write them', () => {
  assert.deepEqual([[80], [80, 443], [80, 443, 2019]].map(portList), ['80', '80 and 443', '80, 443 and 2019']);
  assert.equal(portList(Array.from({ length: 50_000 }, (_, at) => at + 1)), '1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and 49,990 more');
});
