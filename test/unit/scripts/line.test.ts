import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { formatLine, startLine } from '../../../scripts/setup/line.mjs';

const CLEAR = '\r\u001B[K';

describe('the line of a set-up step', () => {
  test('gives the step, what it did and the seconds in columns', () => {
    assert.equal(formatLine('engine', 'Docker 20.10.24, started', 4123), `engine      Docker 20.10.24, started${' '.repeat(36)}4.1 s`);
    assert.equal(formatLine('npm', 'x', 0).length, formatLine('traefik', 'traefik:v3.7.15, pulled', 61_500).length);
  });

  test('is rewritten on a terminal, never wider than it, and ends as one line', () => {
    const { screen, written } = recorder({ isTTY: true, columns: 30 });
    const line = startLine('engine', { out: screen, now: () => 0 });
    line.doing('installing docker.io');
    line.doing('starting dockerd now');
    line.done('Docker 20.10.24, started');
    assert.deepEqual(written, [
      `${CLEAR}engine      installing  … 0 s`,
      `${CLEAR}engine      starting do … 0 s`,
      `${CLEAR}${formatLine('engine', 'Docker 20.10.24, started', 0)}\n`,
    ]);
    assert.equal(written[0]?.length, CLEAR.length + 29);
  });

  test('is a plain line for each thing done where there is no terminal', () => {
    const times = [1000, 5100];
    const { screen, written } = recorder({});
    const line = startLine('engine', { out: screen, now: () => times.shift() ?? 0 });
    line.doing('installing docker.io');
    line.done('Docker 20.10.24, started');
    assert.deepEqual(written, ['engine      installing docker.io …\n', `${formatLine('engine', 'Docker 20.10.24, started', 4100)}\n`]);
  });
});

function recorder(kind: { isTTY?: boolean; columns?: number }) {
  const written: string[] = [];
  return { written, screen: { ...kind, write: (text: string) => written.push(text) } };
}
