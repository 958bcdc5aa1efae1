import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { checkDockerfile } from '../../../src/domain/dockerfile.ts';
import { KosukeError } from '../../../src/domain/errors.ts';

const refused = (text: string) => assert.throws(() => checkDockerfile(text), (error) => error instanceof KosukeError && error.failure.code === 'syntax-directive');

describe('a Dockerfile before it is built', () => {
  test('is kept as it is when it names no frontend', () => {
    const text = '# a comment\n# syntax=evil/frontend\nFROM busybox\n';
    assert.deepEqual(checkDockerfile(text), { text, note: null });
  });

  for (const name of ['docker/dockerfile', 'docker/dockerfile:1', 'docker/dockerfile:1.7-labs', 'docker.io/docker/dockerfile:1', 'docker/dockerfile-upstream:master']) {
    test(`loses a first line that names ${name}, and the log says so`, () => {
      const { text, note } = checkDockerfile(`# syntax=${name}\nFROM busybox\n`);
      assert.equal(text, 'FROM busybox\n');
      assert.match(note!, /is left out/);
    });
  }

  test('keeps its other directives', () => {
    assert.equal(checkDockerfile('# escape=`\n#syntax = docker/dockerfile:1\nFROM busybox\n').text, '# escape=`\nFROM busybox\n');
  });

  for (const line of ['# syntax=evil/frontend', '#SYNTAX=evil/dockerfile:1', '# escape=`\n# syntax=evil', '#!/bin/x\n# syntax=evil', '\uFEFF# syntax=evil', '// syntax=evil', '# syntax=docker/dockerfile:1\n# syntax=evil', '# syntax=docker/dockerfile/../evil', '{"syntax": "evil"}']) {
    test(`is refused with ${JSON.stringify(line)}`, () => refused(`${line}\nFROM busybox\n`));
  }

  // For the engine, lines end at \n and nowhere else; what comes before the first line, and JSON, count as well.
  const hidden = [
    '# syntax=evil/frontend \rx',
    '# syntax=evil/frontend \u2028x',
    '# syntax=evil/frontend \u2029x',
    '# syntax=docker/dockerfile:1\rx',
    '# foo=a\rb\n# syntax=evil/frontend',
    '# foo=a\u2028b\n# syntax=evil/frontend',
    '# foo=\n# syntax=evil/frontend',
    '\f\t# syntax\f=\fevil',
    '\n{"syntax": "evil"}',
    ' \r\n\t{"syntax": "evil"}',
    '#!/bin/x\n{"syntax": "evil"}',
    '#!/bin/x\n\n {"syntax": "evil"}',
    '\uFEFF#!/bin/x\n# syntax=evil',
    '\uFEFF\uFEFF# syntax=evil',
    '# syntax=docker/dockerfile:1\n{"syntax": "evil"}',
    '# syntax=docker/dockerfile:1\n\uFEFF# syntax=evil',
    '# syntax=docker/dockerfile:1\n#!/bin/x\n# syntax=evil',
    '# syntax=docker/dockerfile:1\n\uFEFF#!/bin/x\n{"syntax": "evil"}',
  ];
  for (const line of hidden) test(`is refused with ${JSON.stringify(line)}`, () => refused(`${line}\nFROM busybox\n`));

  test('keeps its #! line, and JSON that is not the whole file', () => {
    for (const text of ['#!/bin/x\n# escape=`\nFROM busybox\n', 'FROM busybox\n{"syntax": "evil"}\n', '# escape=`\n{"syntax": "evil"}\n', '']) {
      assert.deepEqual(checkDockerfile(text), { text, note: null });
    }
  });

  test('loses every line that names the usual frontend, however many there are', () => {
    const { text } = checkDockerfile(`${'#syntax=docker/dockerfile:1\n'.repeat(2_000)}FROM busybox\n`);
    assert.equal(text, 'FROM busybox\n');
  });

  test('is refused when its directives have no end, and long white space costs nothing', () => {
    refused('#syntax=docker/dockerfile:1\n'.repeat(30_000));
    refused('# a=b\n'.repeat(30_000));
    refused(`# a=${'b'.repeat(70_000)}\nFROM busybox\n`);
    const text = `# a=y${' '.repeat(60_000)}x\nFROM busybox\n`;
    assert.deepEqual(checkDockerfile(text), { text, note: null });
    const blank = `${' '.repeat(1_000_000)}\nFROM busybox\n`;
    assert.deepEqual(checkDockerfile(blank), { text: blank, note: null });
  });

  test('is not repeated at length where it is refused', () => {
    assert.throws(
      () => checkDockerfile(`# syntax=${'evil/'.repeat(10_000)}\n`),
      (error) => error instanceof KosukeError && error.message.length < 500,
    );
  });
});
