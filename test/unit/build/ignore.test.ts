import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { createIgnore } from '../../../src/build/ignore.ts';
import { KosukeError } from '../../../src/domain/errors.ts';

const ignores = (rules: string, path: string): boolean => createIgnore(rules).ignores(path);
const failsWith = (code: string, text: RegExp) => (error: unknown) => {
  assert.ok(error instanceof KosukeError, String(error));
  assert.deepEqual([error.failure.code, error.failure.fault, error.retry], [code, 'app', false]);
  assert.match(error.message, text);
  return true;
};

/** Rules, what they leave out, what they do not: as moby/patternmatcher 0.6.1 answers, asked from the top folder down. */
const table: [rules: string, out: string[], stays: string[]][] = [
  ['file', ['file', 'file/below'], ['afile', 'files', 'dir/file']],
  ['/file/', ['file', 'file/a/b'], ['dir/file']],
  ['./a/../b//c/.', ['b/c'], ['a', 'b']],
  ['../x', [], ['x', 'a/x']],
  ['.\n/', [], ['x', '.x']],
  ['*', ['a', 'a/b'], []],
  ['*.log', ['a.log', '.log', 'é.log'], ['dir/a.log', 'a.logs']],
  ['a?c', ['abc', 'aéc', 'a🚀c'], ['ac', 'a/c', 'abbc']],
  ['a*/b', ['a/b', 'axx/b/c'], ['a/x/b', 'b']],
  ['**', ['a', 'a/b'], []],
  ['**/node_modules', ['node_modules', 'a/node_modules', 'a/b/node_modules/c'], ['node_modules2', 'xnode_modules']],
  ['dir/**', ['dir/a', 'dir/a/b'], ['dir', 'dirs/a']],
  ['a/**/z', ['a/z', 'a/b/z', 'a/b/c/z'], ['az', 'a/bz', 'z']],
  ['**/a/**/*.md', ['a/x.md', 'b/a/c/d/x.md'], ['x.md', 'b/x.md']],
  ['**.log', ['a.log', 'dir/a.log'], ['a.logs']],
  ['**.lo?', ['.log', 'dir/.log'], ['a.log']],
  ['a**b', ['ab', 'ax/b'], ['axb']],
  ['a***', ['a', 'ab', 'a/b'], ['ba']],
  ['[ab]c', ['ac', 'bc'], ['cc', 'c']],
  ['[^ab]c', ['cc'], ['ac', 'bc', 'c']],
  ['[a-cx]', ['a', 'b', 'c', 'x'], ['d', '-']],
  ['[\\]\\-]', [']', '-'], ['\\', 'a']],
  ['[!a]', ['!', 'a'], ['b']],
  ['\\*', ['*'], ['a', '\\*']],
  ['\\!a\n\\#b', ['!a', '#b'], ['a', 'b']],
  ['a.c+(d)', ['a.c+(d)'], ['abc+(d)', 'a.cc(d)']],
  ['\uFEFFa\r\n\r\n#b\r\n c ', ['a', 'c'], ['b', '#b']],
  [' #a', ['#a'], ['a']],
  ['*\n!keep', ['a'], ['keep', 'keep/b']],
  ['dir\n!dir/keep', ['dir', 'dir/b'], ['dir/keep', 'dir/keep/c']],
  ['*\n! /src/\nsrc/secret', ['a', 'src/secret'], ['src/a']],
  ['!a\na', ['a'], ['b']],
  ['**/*.ts\n!**/index.ts\n**/test', ['a.ts', 'b/test/index.ts'], ['index.ts', 'b/index.ts']],
];

describe('what .dockerignore names', () => {
  for (const [rules, out, stays] of table) {
    test(`by ${JSON.stringify(rules)}`, () => {
      for (const path of out) assert.ok(ignores(rules, path), path);
      for (const path of stays) assert.ok(!ignores(rules, path), path);
    });
  }

  test('does not depend on what was asked before', () => {
    const { ignores: ask } = createIgnore('a/b\n!a/b/c\nx');
    const paths = ['a/b/d', 'y', 'a/b/c', 'a/b/d', 'x/y', 'a/z', 'a/b', 'a/b/c/d', 'y'];
    assert.deepEqual(paths.map(ask), [true, false, false, true, true, false, true, false, false]);
  });

  test('is what its words say, tried out one by one', () => {
    const part = fc.constantFrom('a', 'b', '*', '?', '[a-b]', 'ab');
    const segment = fc.oneof({ weight: 3, arbitrary: fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('').replaceAll(/\*+/g, '*')) }, fc.constant('**'));
    const rule = fc.tuple(fc.boolean(), fc.array(segment, { minLength: 1, maxLength: 4 })).map(([not, segments]) => `${not ? '!' : ''}${segments.join('/')}`);
    const name = fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 3 }).map((letters) => letters.join(''));
    const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => names.join('/'));
    fc.assert(
      fc.property(fc.array(rule, { maxLength: 4, size: 'max' }), path, (rules, asked) => ignores(rules.join('\n'), asked) === naive(rules, asked)),
      { numRuns: 2_000 },
    );
  });
});

describe('rules made to do harm', () => {
  test('end, whatever the pattern', () => {
    for (const part of ['*a', '*?', '[a-b]*', '?*', '**/a*', '**a']) {
      const ask = createIgnore(`${part.repeat(60)}b`).ignores;
      assert.equal(ask('a'.repeat(250)), false, part);
      assert.equal(ask(`${'a'.repeat(250)}b`), !part.startsWith('**'), part);
    }
  });

  test('are refused when one path takes too many steps', () => {
    assert.throws(() => ignores('*a'.repeat(30_000), 'a'.repeat(8_000)), failsWith('too-large', /takes too long to apply/));
    assert.throws(() => ignores(`*[${'b'.repeat(60_000)}]`, 'a'.repeat(4_000)), failsWith('too-large', /takes too long to apply/));
    assert.throws(() => ignores('**/b\n'.repeat(1_000), 'a/'.repeat(100_000)), failsWith('too-large', /takes too long to apply/));
  });

  test('are refused beyond 64 KiB and 1,000 rules', () => {
    assert.equal(ignores('a\n# a\n\n'.repeat(1_000), 'b'), false);
    assert.throws(() => createIgnore('a\n'.repeat(1_001)), failsWith('too-large', /more than 1,000 rules/));
    assert.throws(() => createIgnore(`#${'é'.repeat(40_000)}`), failsWith('too-large', /larger than 64 KiB/));
  });

  test('are refused by name when they are none', () => {
    for (const rule of ['!', '! ', '[', 'a[', '[]', '[]a]', '[a-]', '[-a]', '[b-a]', '[a\\', '[^]']) {
      assert.throws(() => createIgnore(`a\n${rule}\n`), failsWith('build-failed', /^The \.dockerignore holds a rule that cannot be read: /), rule);
    }
    assert.throws(() => createIgnore(`[${'x'.repeat(5_000)}`), (error) => error instanceof KosukeError && error.message.length < 500);
  });
});

/** The rule's words as they are documented, by trying out everything. */
function naive(rules: string[], path: string): boolean {
  const names = path.split('/');
  const above = names.map((_, at) => names.slice(0, at + 1));
  const deciding = rules.findLast((rule) => above.some((one) => segmentsMatch(rule.replace(/^!/, '').split('/'), one)));
  return deciding !== undefined && !deciding.startsWith('!');
}

function segmentsMatch([first, ...rest]: string[], names: string[]): boolean {
  if (first === undefined) return names.length === 0;
  if (first === '**') return rest.length === 0 ? names.length > 0 : names.some((_, at) => segmentsMatch(rest, names.slice(at)));
  return names.length > 0 && nameMatches(first, names[0]!) && segmentsMatch(rest, names.slice(1));
}

function nameMatches(pattern: string, name: string): boolean {
  const [token = '', rest = ''] = /^(\[.*?\]|.)(.*)$/s.exec(pattern)?.slice(1) ?? [];
  if (token === '') return name === '';
  if (token === '*') return Array.from({ length: name.length + 1 }, (_, at) => name.slice(at)).some((tail) => nameMatches(rest, tail));
  const fits = { '?': name !== '', '[a-b]': /^[ab]/.test(name) }[token] ?? name.startsWith(token);
  return fits && nameMatches(rest, name.slice(1));
}
