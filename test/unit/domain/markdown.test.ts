import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { codeSpan, foldedLog, oneLine, plain, prose } from '../../../src/domain/markdown.ts';

const many = 1024 * 1024;
const returns = `${'\r'.repeat(many)}x`;

describe('a text from outside in one line', () => {
  it('is whole when it fits, and says when it does not', () => {
    assert.equal(oneLine(' a\r\n\u001b[1mb\u001b[0m\t c ', 5), 'a b c');
    assert.equal(oneLine('a b c d', 5), 'a b…');
    assert.equal(oneLine('ab🎉', 4), 'ab🎉');
    assert.equal(oneLine('ab🎉c', 4), 'ab…');
    assert.equal(oneLine('x'.repeat(5000), Infinity).length, 5000);
  });

  it('shows a break of Unicode as the space that it is in Markdown', () => {
    assert.equal(prose('a\u2028# h'), 'a \\# h');
  });

  it('says that something was left out when all that was looked at cannot be seen', () => {
    assert.equal(oneLine(`a${' '.repeat(2000)}b`, 20), 'a…');
    assert.equal(oneLine(returns, 20), '…');
  });
});

describe('Markdown of a megabyte from outside', () => {
  const texts: [string, string, string][] = [
    ['carriage returns', returns, '…'],
    ['backticks', `${'`'.repeat(many)}x`, '`'],
    ['spaces', `a${' '.repeat(many)}x`, 'a…'],
    ['mentions', '@x'.repeat(many / 2), '@\u200bx@\u200bx'],
    ['carriage returns and lines', `${'\r'.repeat(1000)}\n`.repeat(1000), '…'],
  ];
  for (const [what, raw, beginning] of texts) {
    it(`is made, short, of: ${what}`, { timeout: 5000 }, () => {
      for (const text of [prose(raw, 400), plain(raw, 400)]) {
        assert.ok(text.replaceAll('\\', '').startsWith(beginning), text.slice(0, 50));
        assert.ok(text.length <= 1200, String(text.length));
      }
      assert.ok(codeSpan(raw).length <= 1200);
      assert.ok(foldedLog('log', raw).length <= 40_000);
    });
  }

  it('has the last lines of a log', { timeout: 5000 }, () => {
    assert.equal(foldedLog('log', `${returns}\nlast`), '<details><summary>log</summary>\n\n```\n…\nlast\n```\n\n</details>');
  });
});
