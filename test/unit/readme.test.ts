import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

const root = new URL('../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), 'utf8');
const readme = read('README.md');
const firstScreen = readme.split('\n').slice(0, 24).join('\n');

test('the first screen of README.md has what it is, screenshots of comment and preview, and the two commands', () => {
  assert.match(firstScreen, /^# Kosuke Preview\n\nEvery pull request gets its own live copy of the app/);
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
  for (const name of ['demo', 'test']) {
    assert.match(firstScreen, new RegExp(`^npm (run )?${name} `, 'm'));
    assert.ok(scripts[name] !== undefined, `package.json has no script ${name}`);
  }
  const pictures = [...firstScreen.matchAll(/!\[[^\]]{10,}\]\(([^)]+\.png)\)/g)].map(([, path]) => path!);
  assert.equal(pictures.length, 2);
  for (const path of pictures) {
    const { width, height } = sizeOf(readFileSync(new URL(path, root)));
    assert.ok(width >= 600 && height >= 300, `${path} is ${width} × ${height}`);
  }
});

test('README.md says how it works in ten lines, what it is not for yet, and that every preview is open', () => {
  const [, howItWorks = ''] = /^## How it works\n\n([\s\S]*?)\n\n## /m.exec(readme) ?? [];
  assert.deepEqual(howItWorks.split('\n').map((line) => Number.parseInt(line, 10)), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  const plain = readme.replaceAll(/^> |[*`]/gm, '').replaceAll(/\s+/g, ' ');
  assert.match(plain, /Not yet for code you do not trust/);
  assert.match(plain, /until access control exists every preview is open to anyone who has or guesses its address, those of private repositories too/);
  assert.match(plain, /serve warns once for each private repository/);
});

test('links inside README.md and docs lead to files that are there', () => {
  const pages = ['README.md', ...readdirSync(new URL('docs', root), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`)];
  const links = pages.flatMap((page) =>
    [...read(page).matchAll(/\]\((?!https?:)([^)#\s]+)[^)]*\)/g)].map(([, path]) => ({ page, path: path!, target: new URL(path!, new URL(page, root)) })),
  );
  assert.ok(links.length > 5);
  assert.deepEqual(links.filter(({ target }) => !existsSync(target)).map(({ page, path }) => `${page}: ${path}`), []);
});

/** Throws when it is no PNG. */
function sizeOf(png: Buffer): { width: number; height: number } {
  assert.equal(png.subarray(0, 8).toString('latin1'), '\u0089PNG\r\n\u001a\n');
  return { width: png.readUInt32BE(16), height: png.readUInt32BE(20) };
}
