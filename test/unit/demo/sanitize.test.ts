import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { markdown } from '../../../src/demo/github/page/markdown.ts';
import { sanitize } from '../../../src/demo/github/page/sanitize.ts';

test('what GitHub shows is shown', () => {
  const kept = '<details open=""><summary>Log</summary><table><tbody><tr><td align="left">a<br>b</td></tr></tbody></table></details><sub>x</sub>';
  assert.equal(sanitize(kept), kept);
  assert.equal(markdown('a\nb').trim(), '<p>a<br>b</p>');
  assert.equal(markdown('```\n<b>&\n```').trim(), '<pre><code>&lt;b&gt;&amp;\n</code></pre>');
});

test('scripts, handlers, styles and hidden addresses are not', () => {
  const gone: [string, string][] = [
    ['<script>x</script>a', 'a'],
    ['<STYLE>x</STYLE >a', 'a'],
    ['<script>x', ''],
    ['<p onclick="x" style="y" class="z" id="i">a</p>', '<p>a</p>'],
    ['<a href="javascript:x">a</a>', '<a rel="nofollow noopener noreferrer">a</a>'],
    ['<a href=" &#106;avascript:x">a</a>', '<a rel="nofollow noopener noreferrer">a</a>'],
    ['<a href="//evil.test">a</a>', '<a rel="nofollow noopener noreferrer">a</a>'],
    ['<img src="data:x" onerror="y">', ''],
    ['<img src=x onerror=y>', ''],
    ['<iframe src="http://x"></iframe>a', 'a'],
    ['<form action="http://x"><input name="y"></form>', ''],
    ['a<!-- b -->c<!-- d', 'ac'],
    ['</div></main>a', 'a'],
    ['<div><b>a</div>c', '<div><b>a</b></div>c'],
    ['<b', '&lt;b'],
    ['<svg><script>x</script></svg>a', 'a'],
  ];
  for (const [html, wanted] of gone) assert.equal(sanitize(html), wanted, html);
});

test('whatever is written, nothing but allowed tags comes out, each closed', () => {
  const pieces = fc.constantFrom('<script>', '</script>', '<b>', '</b>', '<div', '>', '"', "'", '<a href="', 'javascript:x', ' onerror=x', '<!--', '-->', '<img src=http://x ', 'text', '&lt;', '<svg/onload=x>', '`', '/');
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 30, size: 'max' }), (parts) => {
      const out = sanitize(parts.join(''));
      const open: string[] = [];
      const rest = out.replaceAll(/<(\/?)(b|div|a|img)((?: (?:href|src|rel)="[^"<>]*")*)>/g, (_all, slash: string, tag: string) => {
        if (tag !== 'img' && slash === '') open.push(tag);
        if (slash !== '') assert.equal(open.pop(), tag);
        return '';
      });
      assert.ok(!/[<>]/.test(rest), out);
      assert.deepEqual(open, []);
    }),
    { numRuns: 1_000 },
  );
});
