import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { flagsOf, instructionsOf, wordsOf } from '../../../src/domain/dockerfile-instructions.ts';

const shown = (text: string) => instructionsOf(text).map(({ text: whole, from, to, heredocsTo }) => [whole, from, to, heredocsTo]);

describe('the instructions of a Dockerfile', () => {
  test('have their lines, over comments, empty lines and lines that go on', () => {
    const text = '# syntax=docker/dockerfile:1\n\nFROM busybox\nRUN a && \\\n  # why\n\n  b \\\t\n  c\r\nCOPY a \\\\\nUSER x\n';
    assert.deepEqual(shown(text), [
      ['FROM busybox', 3, 3, null],
      ['RUN a &&   b   c', 4, 8, null],
      ['COPY a \\\\', 9, 9, null],
      ['USER x', 10, 10, null],
    ]);
  });

  test('go on by the mark that the escape directive names', () => {
    assert.deepEqual(shown('# syntax=x\n# escape=`\nFROM x\nRUN a `\n  b\\\nUSER c\n').map(([whole]) => whole), ['FROM x', 'RUN a   b\\', 'USER c']);
    assert.deepEqual(shown('#\n# escape=`\nRUN a `\nUSER b\n').map(([whole]) => whole), ['RUN a `', 'USER b'], 'after a line that is none there are no directives');
  });

  test('have here-documents whose lines are no instructions, when these have an end', () => {
    const text = 'RUN <<EOF cat && <<-"B C"\nUSER no\nEOF\nx\n\tB C\nCOPY <<one /x\nFROM never\nRUN echo "<<two"\nUSER d\ntwo\n';
    assert.deepEqual(shown(text), [
      ['RUN <<EOF cat && <<-"B C"', 1, 1, 5],
      ['COPY <<one /x', 6, 6, null],
      ['FROM never', 7, 7, null],
      ['RUN echo "<<two"', 8, 8, null],
      ['USER d', 9, 9, null],
      ['two', 10, 10, null],
    ]);
  });

  test('know their stage, and their place in it as the engine counts', () => {
    const found = instructionsOf('ARG A\nFROM a AS one\nENV B=c\nRUN x\nCOPY y /\nFROM b\nWORKDIR /z\n');
    assert.deepEqual(found.map(({ keyword, stage, place }) => [keyword, stage, place]), [['arg', -1, 0], ['from', 0, 1], ['env', 0, 0], ['run', 0, 2], ['copy', 0, 3], ['from', 1, 1], ['workdir', 1, 2]]);
  });

  test('have words and flags', () => {
    assert.deepEqual(wordsOf({ text: 'COPY --chown=a:b "c d" e\\ f $(g) \'h i\'' }), ['--chown=a:b', '"c d"', 'e\\ f', '$(g)', "'h i'"]);
    assert.deepEqual(flagsOf({ text: 'COPY --link --from=x --- a --b' }), ['link', 'from=x']);
    assert.deepEqual(flagsOf({ text: 'RUN --mount=type=cache' }), ['mount=type=cache']);
  });

  test('never overlap, whatever the text, and a long one takes no longer than its length', () => {
    const parts = fc.constantFrom('RUN', 'COPY', ' ', '<<A', '<<-B', 'A', '\tB', '\\', '`', '#', '\n', '\r\n', '"', '# escape=`\n', 'FROM x');
    fc.assert(
      fc.property(fc.array(parts, { maxLength: 60 }), (some) => {
        let last = 0;
        for (const { from, to, heredocsTo } of instructionsOf(some.join(''))) {
          assert.ok(last < from && from <= to && (heredocsTo === null || heredocsTo > to));
          last = heredocsTo ?? to;
        }
      }),
    );
    const at = performance.now();
    for (const line of ['RUN <<a\n', 'RUN <<a\na\n', 'RUN <<a <<b\nb\n', '\\\n', 'RUN "', '\\ ', "RUN '\\", '<<a ']) instructionsOf(line.repeat(1_000_000 / line.length)).map(wordsOf);
    assert.ok(performance.now() - at < 10_000);
  });

  test('are found in a mebibyte of anything while nobody notices: no line, no mark and no open here-document is looked at again and again', () => {
    const size = 1024 ** 2;
    const filled = (line: string, end = '') => line.repeat(Math.floor(size / line.length)) + end;
    const texts = ['\r', '\n', 'a\n', 'RUN <<E\n', 'RUN a \\\n', '\t', ' ', '#', '# ', 'RUN <<-E\n'].map((line) => filled(line, 'x\n\tE'));
    const fewer = (line: string, end: string) => `${`${line}${' '.repeat(30)}\n`.repeat(19_000)}${end}`;
    for (const text of [...texts, `${filled('\r')}x`, fewer('RUN <<E', '\tE'), fewer('RUN <<E <<-F', '\tE')]) {
      const at = performance.now();
      instructionsOf(text);
      assert.ok(performance.now() - at < 2_000, JSON.stringify(text.slice(0, 20)));
    }
  });

  test('end with tabs before the end of a here-document only where it says so', () => {
    assert.deepEqual(shown('RUN <<E\n\tE\nUSER x\nRUN <<-E\n\tE\nUSER y\n').map(([whole]) => whole), ['RUN <<E', 'E', 'USER x', 'RUN <<-E', 'USER y']);
  });

  test('are none in more than 20,000 lines', () => {
    assert.equal(instructionsOf('RUN a\n'.repeat(19_999)).length, 19_999);
    assert.deepEqual(instructionsOf('RUN a\n'.repeat(20_000)), []);
  });
});
