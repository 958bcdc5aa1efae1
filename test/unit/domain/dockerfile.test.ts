import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { checkDockerfile } from '../../../src/domain/dockerfile.ts';
import { KosukeError } from '../../../src/domain/errors.ts';

const refused = (text: string) => assert.throws(() => checkDockerfile(text), (error) => error instanceof KosukeError && error.failure.code === 'syntax-directive');

describe('a Dockerfile before it is built', () => {
  test('is kept as it is when it names no frontend', () => {
    const text = '# a comment\n# syntax=evil/frontend\nFROM busybox\n';
    assert.deepEqual(checkDockerfile(text), { text, note: null });
  });

  for (const name of ['docker/dockerfile', 'docker/dockerfile:1', 'docker/dockerfile:1.7-labs', 'docker.io/docker/dockerfile:1', 'docker/dockerfile-upstream:master']) {
    test(`has its first line blanked when that names ${name}, and a note says so`, () => {
      const { text, note } = checkDockerfile(`# syntax=${name}\nFROM busybox\n`);
      assert.equal(text, '#\nFROM busybox\n');
      assert.match(note!, /is not honoured/);
    });
  }

  test('keeps its other directives, before what is blanked, and the lines of its instructions', () => {
    assert.equal(checkDockerfile('# escape=`\n#syntax = docker/dockerfile:1\nFROM busybox\n').text, '# escape=`\n#\nFROM busybox\n');
    assert.equal(checkDockerfile('# syntax=docker/dockerfile:1\n# escape=`\n\nFROM busybox\n').text, '# escape=`\n#\n\nFROM busybox\n');
    assert.equal(checkDockerfile('#syntax=docker/dockerfile:1\r\n# check=skip=all\r\n# escape=`').text, '# check=skip=all\r\n# escape=`\n#');
  });

  test('is read by the engine without any frontend, with the escape that it names, and with its lines where they were', () => {
    const lines = fc.constantFrom(
      '# syntax=docker/dockerfile:1', '#syntax=docker/dockerfile', '// syntax=docker/dockerfile:1', '# syntax=evil', '// syntax=evil', '# escape=`', '# check=skip=all', '# other=x',
      '#', '', ' ', '#!/bin/x', '# words', '{"syntax": "evil"}', '{', 'FROM x', '\uFEFF', '\uFEFF# syntax=evil', '\t# escape=`', '# escape=` \r',
    );
    let passed = 0;
    fc.assert(
      fc.property(fc.array(lines, { maxLength: 8 }), fc.constantFrom('', '\n'), (some, ending) => {
        const before = some.join('\n') + ending;
        let after: string;
        try {
          after = checkDockerfile(before).text;
        } catch {
          return;
        }
        passed += 1;
        assert.equal(frontendOf(after), null);
        assert.equal(after.split('\n').length, before.split('\n').length);
        const escape = escapeOf(before);
        // A file that begins with `//` is no Dockerfile without the frontend that it asks for.
        if (escape !== 'refused' && !before.includes('//')) assert.equal(escapeOf(after), escape);
        for (const [at, line] of after.split('\n').entries()) if (line.startsWith('FROM')) assert.equal(before.split('\n')[at]?.replace(/^\uFEFF+/, ''), line);
      }),
      { numRuns: 5_000 },
    );
    assert.ok(passed > 1_000);
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

  test('has every line blanked that names the usual frontend, however many there are', () => {
    const { text } = checkDockerfile(`${'#syntax=docker/dockerfile:1\n'.repeat(2_000)}FROM busybox\n`);
    assert.equal(text, `${'#\n'.repeat(2_000)}FROM busybox\n`);
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

/** What the engine takes for the frontend that a text asks for: a model of `DetectSyntax` (moby/buildkit `frontend/dockerfile/parser/directives.go`). */
function frontendOf(text: string): string | null {
  let whole = text.replace(/^\uFEFF/, '');
  if (whole.startsWith('#!')) whole = whole.slice(whole.indexOf('\n') < 0 ? whole.length : whole.indexOf('\n') + 1);
  for (const mark of ['#', '//']) {
    const { directives } = directivesOf(whole, mark, { trims: false });
    const found = directives.find(([name]) => name === 'syntax');
    if (found !== undefined) return found[1];
  }
  try {
    const parsed: unknown = JSON.parse(whole);
    return typeof parsed === 'object' && parsed !== null && 'syntax' in parsed ? String(parsed.syntax) : null;
  } catch {
    return null;
  }
}

/** The escape that its parser goes by (`possibleParserDirective`), `refused` where it takes none of the file. */
function escapeOf(text: string): string {
  const { directives, refused: twice } = directivesOf(text.replace(/^\uFEFF/, ''), '#', { trims: true });
  return twice ? 'refused' : (directives.find(([name]) => name === 'escape')?.[1] ?? '\\');
}

function directivesOf(text: string, mark: string, { trims }: { trims: boolean }): { directives: [string, string][]; refused: boolean } {
  const directives: [string, string][] = [];
  for (const line of text.split('\n').map((one) => (trims ? one.trimStart() : one))) {
    const match = line.startsWith(mark) ? /^([A-Za-z][A-Za-z0-9]*)\s*=\s*(.+?)\s*$/.exec(line.slice(mark.length).trimStart()) : null;
    const name = match?.[1]!.toLowerCase() ?? '';
    if (!['syntax', 'escape', 'check'].includes(name)) break;
    if (directives.some(([known]) => known === name)) return { directives, refused: true };
    directives.push([name, match![2]!]);
  }
  return { directives, refused: false };
}
