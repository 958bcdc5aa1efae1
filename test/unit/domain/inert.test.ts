import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { breakMentions, cutToTail, fence, stripAnsi } from '../../../src/domain/inert.ts';

const esc = '\u001b';

describe('stripAnsi', () => {
  it('leaves what a person read on the terminal', () => {
    const cases: [string, string][] = [
      [`${esc}[1;31merror${esc}[0m: no`, 'error: no'],
      [`${esc}]8;;https://example.test${esc}\\link${esc}]8;;${esc}\\`, 'link'],
      [`${esc}]0;title\u0007text`, 'text'],
      [`${esc}]0;never ended\nnext line`, '\nnext line'],
      [`\u009b32mgreen\u009bm`, 'green'],
      [`${esc}(Bplain${esc}7${esc}8`, 'plain'],
      ['10 %\r50 %\r100 %\ndone', '100 %\ndone'],
      ['dos\r\nlines\r\n', 'dos\nlines\n'],
      ['a\tb\u0000\u0008c', 'a\tbc'],
      ['abc\u202edcba', 'abcdcba'],
      ['Grüße, 世界 🎉', 'Grüße, 世界 🎉'],
    ];
    for (const [raw, plain] of cases) assert.equal(stripAnsi(raw), plain);
  });

  it('leaves no control character but tab and line feed, whatever comes in, and is stable', () => {
    const nasty = fc.string({ unit: fc.constantFrom(esc, '[', ']', '0', ';', 'm', '\r', '\n', '\t', '\u0007', '\u009b', '\u202e', '\\', 'x', '🎉') });
    fc.assert(
      fc.property(fc.oneof(nasty, fc.string({ unit: 'binary' })), (raw) => {
        const plain = stripAnsi(raw);
        const left = [...plain].filter((character) => character !== '\t' && character !== '\n' && character.codePointAt(0)! < 0x20);
        assert.deepEqual(left, []);
        assert.equal(plain.includes('\u202e'), false);
        assert.equal(stripAnsi(plain), plain);
      }),
    );
  });

  it('takes time in proportion to the text', () => {
    const began = performance.now();
    stripAnsi(`${esc}[${'0'.repeat(500_000)}`.repeat(2) + `${esc}]`.repeat(200_000));
    assert.ok(performance.now() - began < 2000);
  });
});

describe('fence', () => {
  it('is longer than any run of backticks inside', () => {
    assert.equal(fence('plain'), '```\nplain\n```');
    assert.equal(fence('a\n````\nb\n'), '`````\na\n````\nb\n`````');
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('`', '\n', 'a', '~') }), (text) => {
        const lines = fence(text).split('\n');
        const ticks = lines[0]!;
        assert.match(ticks, /^`{3,}$/);
        assert.equal(lines.at(-1), ticks);
        assert.equal(lines.slice(1, -1).some((line) => line.includes(ticks)), false);
      }),
    );
  });
});

describe('breakMentions', () => {
  it('puts a zero-width space after each @, once', () => {
    assert.equal(breakMentions('@octocat and a@b'), '@\u200boctocat and a@\u200bb');
    assert.equal(breakMentions(breakMentions('@@x')), breakMentions('@@x'));
  });
});

describe('cutToTail', () => {
  it('keeps short text as it is and shows where it cut', () => {
    assert.equal(cutToTail('a\nb\n', { lines: 5, characters: 100 }), 'a\nb');
    assert.equal(cutToTail('a\nb\nc', { lines: 2, characters: 100 }), '…\nc');
    assert.equal(cutToTail('abcdef', { lines: 5, characters: 5 }), '…\ndef');
  });

  it('stays within both limits and never halves a character', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('🎉', 'a', '\n', ' ') }),
        fc.integer({ min: 2, max: 12 }),
        fc.integer({ min: 4, max: 40 }),
        (text, lines, characters) => {
          const tail = cutToTail(text, { lines, characters });
          assert.ok(tail.length <= characters);
          assert.ok(tail.split('\n').length <= lines);
          assert.ok(tail.isWellFormed());
          assert.ok(text.trimEnd().endsWith(tail.replace(/^…\n/, '')));
        },
      ),
    );
  });
});
