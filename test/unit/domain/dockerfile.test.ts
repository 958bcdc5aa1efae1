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
});
