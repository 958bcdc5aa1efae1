import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { commandNames } from '../../src/cli/commands.ts';
import { generatedFiles } from '../../src/docs/pages.ts';
import { deploymentStates, githubStatuses } from '../../src/domain/deployment.ts';
import { labelKeys } from '../../src/domain/labels.ts';
import { previewStates } from '../../src/domain/preview.ts';
import { definitions } from '../../src/metrics/definitions.ts';
import { gateStates } from '../../src/gate/state.ts';
import { variables } from '../../src/settings/variables.ts';

const root = new URL('../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), 'utf8');
const pages = generatedFiles();

test('every generated file is what the code says (npm run docs writes them)', () => {
  for (const [path, text] of Object.entries(pages)) assert.equal(read(path), text, `${path} is stale: npm run docs`);
});

test('docs/reference holds nothing but generated pages', () => {
  const there = readdirSync(new URL('docs/reference', root)).map((name) => `docs/reference/${name}`);
  assert.deepEqual(there.toSorted(), Object.keys(pages).filter((path) => path.startsWith('docs/reference/')).toSorted());
});

test('every setting, label, state, status, command and metric has its row', () => {
  const all: [page: string, names: readonly string[]][] = [
    ['settings', Object.keys(variables)],
    ['labels', Object.values(labelKeys)],
    ['states', [...previewStates, ...deploymentStates, ...githubStatuses, ...gateStates()]],
    ['commands', commandNames],
    ['metrics', Object.keys(definitions)],
  ];
  for (const [page, names] of all) {
    const text = pages[`docs/reference/${page}.md`]!;
    for (const name of names) assert.match(text, new RegExp(`^\\| \\[?\`${name.replaceAll('.', '\\.')}\`.*\\|.*\\w.*\\|$`, 'm'), `${page}: ${name}`);
  }
});

test('every row of a table has the cells of its head', () => {
  for (const [path, text] of Object.entries(pages).filter(([name]) => name.endsWith('.md'))) {
    const rows = text.split('\n').filter((line) => line.startsWith('|'));
    assert.ok(rows.length > 5, path);
    const tables = text.split(/\n\n+/).filter((part) => part.startsWith('|'));
    for (const lines of tables.map((part) => part.trim().split('\n'))) {
      assert.equal(new Set(lines.map((line) => line.split(/(?<!\\)\|/).length)).size, 1, `${path}: ${lines[0]}`);
    }
  }
});

test('docs/decisions/README.md lists every decision by its number and title, in order, and no other', () => {
  const files = readdirSync(new URL('docs/decisions', root)).filter((name) => name !== 'README.md').toSorted();
  const titles = files.map((name) => ({ name, title: /^# (\d+)\. (.+)$/m.exec(read(`docs/decisions/${name}`)) }));
  const expected = titles.map(({ name, title }) => {
    assert.ok(title !== null && Number(name.slice(0, 4)) === Number(title[1]), `${name} begins with "# <its number>. <title>"`);
    return `| ${title[1]} | [${title[2]}](${name}) |`;
  });
  const listed = read('docs/decisions/README.md').split('\n').filter((line) => /^\| \d/.test(line));
  assert.deepEqual(listed, expected);
});

test('docs/README.md leads to every page of docs', () => {
  const entry = read('docs/README.md');
  const all = readdirSync(new URL('docs', root), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.md') && name !== 'README.md');
  const unnamed = all.filter((name) => !entry.includes(`](${name})`) && !/^decisions\/\d/.test(name));
  assert.deepEqual(unnamed, []);
});
