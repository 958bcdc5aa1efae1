import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { eventText, heartbeatText, positionOf, retryText } from '../../../src/dashboard/sse.ts';

describe('a server-sent event', () => {
  test('has its name, its id when it has one, its data as JSON, and an empty line', () => {
    assert.equal(eventText({ name: 'lines', id: 12, data: { a: 1 } }), 'event: lines\nid: 12\ndata: {"a":1}\n\n');
    assert.equal(eventText({ name: 'end', id: null, data: {} }), 'event: end\ndata: {}\n\n');
  });

  test('cannot be ended or added to by what it carries', () => {
    const text = eventText({ name: 'lines', id: 1, data: 'a\n\nevent: end\r\ndata: {}\u2028\0' });
    assert.equal(text.split('\n').length, 5);
    assert.deepEqual(JSON.parse(/^data: ([^\n]*)$/m.exec(text)![1]!), 'a\n\nevent: end\r\ndata: {}\u2028\0');
  });

  test('may be a wish when to come again, or only a sign of life', () => {
    assert.equal(retryText(1_000), 'retry: 1000\n\n');
    assert.match(heartbeatText, /^: [^\n]+\n\n$/);
  });
});

test('a client goes on where it was, else from where its page ends, else from the beginning', () => {
  const cases: [lastEventId: string | undefined, from: string | undefined, position: number][] = [
    ['12', '3', 12],
    ['0', '3', 0],
    [undefined, '3', 3],
    ['', '3', 3],
    ['nonsense', '3', 3],
    [undefined, undefined, 0],
    ['-1', '1e9', 0],
    ['9'.repeat(16), '1.5', 0],
  ];
  for (const [lastEventId, from, position] of cases) assert.equal(positionOf(lastEventId, from), position, `${lastEventId} ${from}`);
});
