import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';

const root = new URL('../../', import.meta.url);

describe('docs/promises.md', () => {
  test('names for every promise a test that is there', () => {
    const page = readFileSync(new URL('docs/promises.md', root), 'utf8');
    assert.ok(promisesOf(page).length > 50, 'the tables were found');
    assert.deepEqual(problemsOf(page, readIfThere), []);
  });

  test('is not believed when a promise names no test, another file, a test that is not there, or what cannot be read', () => {
    const source = `
      const cases = [['a row', 1], ["it's a row", 2]];
      const steps = [{ name: 'a step' }];
      const comments = {
        'a key': [1],
      };
      describe('a suite', () => {
        it('has \\'quotes\\'', async () => {});
        for (const [name] of cases) test(\`when \${name}\`, () => {});
        for (const { name } of steps) test(\`killed at \${name}: goes on\`, () => {});
      });
      const text = 'a sentence';`;
    const read = (path: string) => (path === 'test/a.test.ts' ? source : null);
    const named = (...proofs: string[]) => problemsOf(`## One\n\n| Promise | Proved by |\n| --- | --- |\n| It works | ${proofs.join('<br>')} |\n`, read);
    const proof = (title: string, file = 'test/a.test.ts') => `\`${file}\` › “${title}”`;

    const right = ['a suite', "has 'quotes'", 'a row', "it's a row", 'a step', 'a key', 'when a row', "when it's a row", 'killed at a step: goes on'];
    assert.deepEqual(named(...right.map((title) => proof(title))), []);
    assert.deepEqual(named(''), ['“It works” names no test']);
    assert.deepEqual(named('tested by hand'), ['“It works”: cannot be read: tested by hand']);
    assert.deepEqual(named(proof('a suite'), `${proof('a suite')} and more`), [`“It works”: cannot be read: ${proof('a suite')} and more`]);
    assert.deepEqual(named(proof('a suite', 'test/b.test.ts')), ['“It works”: there is no test/b.test.ts']);
    for (const title of ['a sentence', 'a', 'when', 'when ', 'when a', 'when nothing', 'has quotes', 'killed at a step', '${name}']) {
      assert.deepEqual(named(proof(title)), [`“It works”: test/a.test.ts has no “${title}”`]);
    }
  });

  test('is not believed when a heading has no promise, or a row another number of cells', () => {
    const none = () => null;
    assert.deepEqual(problemsOf('## One\n\nwords\n\n## Two\n\nwords\n', none), ['“One” has no promise', '“Two” has no promise']);
    assert.deepEqual(problemsOf('## One\n\n| A promise |\n', none), ['“One”: cannot be read: | A promise |']);
    assert.deepEqual(problemsOf(`## ${lastHeading}\n\n- nothing is promised here\n`, none), []);
  });
});

const lastHeading = 'Not yet proved or not yet built';

/** What is wrong with the page, a sentence each. `read` gives the text of a test file, null when there is none. */
function problemsOf(page: string, read: (path: string) => string | null): string[] {
  const problems: string[] = [];
  for (const part of page.split(/^## /m).slice(1)) {
    const [heading = ''] = part.split('\n', 1);
    if (heading !== lastHeading && promisesOf(part).length === 0 && !part.includes('\n|')) problems.push(`“${heading}” has no promise`);
  }
  for (const { heading, row, cells } of promisesOf(page)) {
    const [promise = '', proofs = ''] = cells;
    if (cells.length !== 2) problems.push(`“${heading}”: cannot be read: ${row}`);
    else if (proofs === '') problems.push(`“${promise}” names no test`);
    else problems.push(...proofs.split('<br>').flatMap((proof) => problemOf(proof.trim(), read) ?? []).map((problem) => `“${promise}”: ${problem}`));
  }
  return problems;
}

function problemOf(proof: string, read: (path: string) => string | null): string | null {
  const { file = '', title = '' } = /^`(?<file>test\/[^`]+\.test\.ts)` › “(?<title>[^”]+)”$/.exec(proof)?.groups ?? {};
  if (file === '') return `cannot be read: ${proof}`;
  const source = read(file);
  if (source === null) return `there is no ${file}`;
  return titlesOf(source).has(title) ? null : `${file} has no “${title}”`;
}

/** The rows of all tables below headings, without their heads. */
function promisesOf(page: string): { heading: string; row: string; cells: string[] }[] {
  return page
    .split(/^## /m)
    .flatMap((part) => {
      const [heading = '', ...lines] = part.split('\n');
      return lines.filter((line) => line.startsWith('|')).map((row) => ({ heading, row, cells: row.split('|').slice(1, -1).map((cell) => cell.trim()) }));
    })
    .filter(({ cells }) => cells[0] !== 'Promise' && !cells.every((cell) => /^-+$/.test(cell)));
}

/** Titles of tests and suites, names of the rows of tables, and titles that are made of a row's name. */
function titlesOf(source: string): Set<string> {
  const all = [...source.matchAll(/\b(?:test|it|describe)\(\s*(?:'((?:\\.|[^'\\\n])*)'|"((?:\\.|[^"\\\n])*)"|`((?:\\.|[^`\\])*)`)/g)];
  const plain = all.flatMap(([, single, double]) => single ?? double ?? []);
  const made = all.flatMap(([, , , template]) => template ?? []);
  const firsts = source.matchAll(/(?:\[\s*|\bname: )(?:'((?:\\.|[^'\\\n])*)'|"((?:\\.|[^"\\\n])*)")\s*[,}]/g);
  const keys = source.matchAll(/^\s*(?:'((?:\\.|[^'\\\n])*)'|"((?:\\.|[^"\\\n])*)"): \[/gm);
  const rows = [...firsts, ...keys].flatMap(([, single, double]) => single ?? double ?? []);
  const fromRows = made.flatMap((template) => (/^[^$]*\$\{\w+\}[^$]*$/.test(template) ? rows.map((row) => template.replace(/\$\{\w+\}/, () => row)) : []));
  return new Set([...plain, ...rows, ...fromRows].map((title) => title.replaceAll(/\\(.)/g, '$1')));
}

function readIfThere(path: string): string | null {
  try {
    return readFileSync(new URL(path, root), 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}
