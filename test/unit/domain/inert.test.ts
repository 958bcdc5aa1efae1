import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { breakMentions, cutToHead, cutToTail, fence, plainTail, stripAnsi } from '../../../src/domain/inert.ts';

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
      ['\r\r\n\ra\rb\r\r', '\nb'],
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

  it('leaves nothing that reorders or hides what stands there, in no plane of Unicode', () => {
    const hidden = ['\u061c', '\u180e', '\u200b', '\u200c', '\u200d', '\u200e', '\u202e', '\u2060', '\u2067', '\u206a', '\u00ad', '\u034f', '\u3164', '\ufe0f', '\ufeff', '\ufff9', '\u{e0041}', '\u{e0100}'];
    for (const character of hidden) assert.equal(stripAnsi(`a${character}b`), 'ab', character.codePointAt(0)!.toString(16));
    assert.equal(stripAnsi('a\u2028b\u2029c'), 'a b c');
    assert.equal(stripAnsi('a\udb40\u200b\udc41b\ud83d'), 'a\ufffd\ufffdb\ufffd', 'halves that would meet');
  });

  it('leaves emoji that are made of several characters whole, and only those', () => {
    for (const emoji of ['👩‍💻', '❤️', '👩🏽‍🚀', '🏳️‍🌈', '👨‍👩‍👧']) assert.equal(stripAnsi(`a${emoji}b`), `a${emoji}b`);
    assert.equal(stripAnsi('🎉\u200d\u200d🎉 🎉\ufe0f\ufe0f 🎉\u200dx 1\ufe0f'), '🎉🎉 🎉\ufe0f 🎉x 1');
  });

  it('is stable for any mix of what it takes away and what it spares', () => {
    const unit = fc.constantFrom('🎉', '\u200d', '\ufe0f', '\u200b', '\u{1f3fd}', '\ud83c', '\udf89', '\u2028', '\r', esc, '[', 'a');
    fc.assert(
      fc.property(fc.array(unit), (characters) => {
        const plain = stripAnsi(characters.join(''));
        assert.equal(stripAnsi(plain), plain);
        assert.ok(plain.isWellFormed());
      }),
    );
  });

  const many = 1024 * 1024;
  const large: [string, string, string][] = [
    ['carriage returns', `${'\r'.repeat(many)}x`, 'x'],
    ['carriage returns at the end', `x${'\r'.repeat(many)}`, 'x'],
    ['carriage returns before a line', `${'\r'.repeat(many)}\nx`, '\nx'],
    ['overwritten characters', `${'a\r'.repeat(many / 2)}x`, 'x'],
    ['parameters of a sequence', `${esc}[${'0'.repeat(many)}mx`, 'x'],
    ['sequences that begin', `${`${esc}]`.repeat(many / 2)}x`, ''],
    ['characters not to be seen', `${'\u200d'.repeat(many)}x`, 'x'],
    ['joiners behind a picture', `🎉${'\ufe0f\u200d'.repeat(many / 2)}x`, '🎉\ufe0fx'],
  ];
  for (const [what, raw, plain] of large) {
    it(`ends for a million of: ${what}`, { timeout: 5000 }, () => assert.equal(stripAnsi(raw), plain));
  }
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

describe('plainTail', () => {
  const limits = { lines: 3, characters: 40 };

  it('is the end of what a person read, however much came before', () => {
    assert.equal(plainTail(`${esc}[31mred${esc}[0m\r\n10 %\r20 %\n`, limits), 'red\n20 %');
    assert.equal(plainTail('a\nb\nc\nd', limits), '…\nc\nd');
    assert.equal(plainTail(`${esc}[31m${'x'.repeat(1000)}\nlast\n`, limits), '…\nlast');
    assert.equal(plainTail(`${'🎉'.repeat(161)}`, limits), `…\n${'🎉'.repeat(19)}`);
    assert.equal(plainTail(`1${'🎉'.repeat(160)}${esc}[1m`, limits), `…\n${'🎉'.repeat(19)}`);
  });

  it('shows that something was left out, also when nothing of it could be seen', { timeout: 5000 }, () => {
    assert.equal(plainTail(`${'\r'.repeat(1024 * 1024)}x\n`, limits), '…\nx');
    assert.equal(plainTail(`${'\r'.repeat(100)}x\n`, limits), 'x');
  });
});

describe('cutToHead', () => {
  it('keeps what is short and halves no character', () => {
    assert.equal(cutToHead('abc', 3), 'abc');
    assert.equal(cutToHead('abcd', 3), 'abc');
    assert.equal(cutToHead('a🎉b', 2), 'a');
    assert.equal(cutToHead('a🎉b', 3), 'a🎉');
    assert.equal(cutToHead('abc', Infinity), 'abc');
  });
});

describe('cutToTail', () => {
  it('keeps short text as it is and shows where it cut', () => {
    assert.equal(cutToTail('a\nb\n', { lines: 5, characters: 100 }), 'a\nb');
    assert.equal(cutToTail('a\nb\nc', { lines: 2, characters: 100 }), '…\nc');
    assert.equal(cutToTail('abcdef', { lines: 5, characters: 5 }), '…\ndef');
    assert.equal(cutToTail('abcd\na', { lines: 2, characters: 4 }), '…\na', 'cut for its length, the line that says so counts too');
    assert.equal(cutToTail('abc', { lines: 2, characters: 3 }), 'abc');
    assert.equal(cutToTail('a\nb\nc\nd', { lines: 3, characters: 7 }), '…\nc\nd');
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
