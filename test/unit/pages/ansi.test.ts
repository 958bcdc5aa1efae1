import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { stripAnsi } from '../../../src/domain/inert.ts';
import { lookNames, piecesOf } from '../../../src/pages/ansi.ts';
import { logBlock } from '../../../src/pages/log-html.ts';

const esc = '\u001b';
const told = (line: string) => piecesOf(line).map(({ look, text }) => (look === '' ? text : `<${look}>${text}`)).join('|');

describe('a line of a terminal', () => {
  const cases: Record<string, [line: string, pieces: string]> = {
    'is one piece when it is plain': ['npm ci', 'npm ci'],
    'is none when it is empty': ['', ''],
    'shows one of six colours, bright or not': [`${esc}[31mred${esc}[92mgreen${esc}[0m plain`, '<c1>red|<c2>green| plain'],
    'shows black and white as plain text, for they are the paper': [`${esc}[30mblack ${esc}[37mwhite ${esc}[97mbright`, 'black white bright'],
    'shows bright black as standing back': [`${esc}[90mquiet${esc}[39m loud`, '<d>quiet| loud'],
    'shows weights, together and one by one ended': [`${esc}[1;3;4mall${esc}[22mslant line${esc}[23;24mnone`, '<b i u>all|<i u>slant line|none'],
    'shows a background with the text in the colour of paper': [`${esc}[41;37m FAIL ${esc}[49m x`, '<g1> FAIL | x'],
    'shows inverse as a background': [`${esc}[7m in ${esc}[32m verse ${esc}[27m out`, '<g7> in |<g2> verse |<c2> out'],
    'shows what was to be hidden': [`${esc}[8mhidden${esc}[28m`, 'hidden'],
    'takes the nearest of many colours': [`${esc}[38;5;196mr${esc}[38;2;10;200;20mg${esc}[38;2;250;240;10my${esc}[38;5;12mb${esc}[38;5;232mk`, '<c1>r|<c2>g|<c3>y|<c4>b|k'],
    'takes no code of a colour for one of its own': [`${esc}[38;2;1;1;1mx${esc}[48;5;4my`, 'x|<g4>y'],
    'ends all by an empty sequence': [`${esc}[1;31mx${esc}[my`, '<b c1>x|y'],
    'begins plain, whatever the one before ended with': ['left over', 'left over'],
    'shows nothing of titles, links and moves': [`${esc}]0;title\u0007a${esc}]8;;https://evil.example${esc}\\b${esc}]8;;${esc}\\c${esc}[2J${esc}[10;10Hd`, 'abcd'],
    'shows nothing of a sequence that has no end': [`a${esc}[38;5`, 'a'],
    'takes no other sequence for a colour': [`${esc}[?31mx${esc}]31my`, 'x'],
    'stands as it was overwritten last, in the colour of then': [`${esc}[31m10 %\r${esc}[32m100 %\r`, '<c2>100 %'],
    'keeps its colour over what overwrites it': [`${esc}[33mold\rnew`, '<c3>new'],
    'keeps what looks like HTML as text': ['<script>alert(1)</script></pre>', '<script>alert(1)</script></pre>'],
    'loses what reorders or hides': ['a\u202eb\u200bc\u0007', 'abc'],
    'puts up with nonsense': [`${esc}[99;1000;38;38;48mx${esc}[;;mz`, 'xz'],
  };
  for (const [name, [line, pieces]] of Object.entries(cases)) test(name, () => assert.equal(told(line), pieces));

  test('changes its look a hundred times at most', () => {
    const pieces = piecesOf(Array.from({ length: 1_000 }, (_, n) => `${esc}[3${1 + (n % 6)}mx`).join(''));
    assert.deepEqual([pieces.length, pieces.map(({ text }) => text).join('')], [100, 'x'.repeat(1_000)]);
  });

  test('is read in a time that grows with its length alone', { timeout: 5_000 }, () => {
    for (const part of [`${esc}[31mx`, '\r', `${esc}[`, `${esc}]0;`, '\u009b', `\r${esc}[1m`]) piecesOf(part.repeat(100_000));
  });
});

const parts = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.constantFrom(esc, `${esc}[`, '\u009b', `${esc}]`, '\r', '\t', '<b>', '</pre>', '</div>', '<script>', '"', "'", '&amp;', ';', ':', 'm', '\u202e', '\ud83d', '👩‍🚀', '\u0007'),
  fc.array(fc.integer({ min: 0, max: 300 }), { maxLength: 6 }).map((codes) => `${esc}[${codes.join(';')}m`),
);
const lines = fc.array(parts, { maxLength: 30, size: 'max' }).map((all) => all.join(''));

describe('property: whatever a program writes', () => {
  const looks = new Set<string>(lookNames);

  test('has its text, no more and no less, and only looks that there are', () => {
    // Joiners of emoji depend on their neighbours, which a change of look takes away.
    const joiners = /\u200d|\ufe0f/g;
    fc.assert(
      fc.property(lines.map((line) => line.replaceAll('\n', '')), (line) => {
        const pieces = piecesOf(line);
        assert.equal(pieces.map(({ text }) => text).join('').replaceAll(joiners, ''), stripAnsi(line).replaceAll(joiners, ''));
        for (const { look, text } of pieces) {
          assert.ok(look === '' || look.split(' ').every((name) => looks.has(name)), look);
          assert.equal(stripAnsi(text), text);
          assert.notEqual(text, '');
        }
      }),
      { numRuns: 2_000 },
    );
  });

  test('adds no element to the page but the spans of its looks, and no escape', async () => {
    await fc.assert(
      fc.asyncProperty(lines, async (line) => {
        const stored = { at: new Date(0), step: null, stream: 'stdout' as const, text: line, number: 0, end: 0 };
        const page = (await logBlock({ head: () => [stored], tail: () => [], leftOut: () => null })).toString();
        const inside = /<div class="block"><div class="stdout">(.*)<\/div><\/div><\/div>\s*<p class="gap"/s.exec(page)?.[1];
        assert.ok(inside !== undefined);
        const rest = inside.replaceAll(/<span class="[a-z0-9 ]+">([^<>"']*)<\/span>/g, '$1');
        assert.doesNotMatch(rest, /[<>"']/);
        assert.equal(stripAnsi(rest), rest);
      }),
      { numRuns: 1_000 },
    );
  });
});
