import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Files } from './github/index.ts';

const folder = fileURLToPath(new URL('sample', import.meta.url));

/** What the page of the sample repository says in its headline: on its default branch, in the pull request, and after a push. */
export const headlines = {
  main: 'Slow mornings, cold brew.',
  pull: 'Autumn is in the oven.',
  push: 'Pumpkin bread, until it is gone.',
} as const;

/** The sample repository: one page of a small bakery café, with its Dockerfile. */
export async function sampleRepository(): Promise<Files> {
  const site = join(folder, 'site');
  const names = await readdir(site);
  return Object.fromEntries(await Promise.all(names.map(async (name) => [name, await readFile(join(site, name), 'utf8')] as const)));
}

/** The files that the pull request changes: another headline, another season. */
export async function autumnChange(): Promise<Files> {
  return { 'colours.css': await readFile(join(folder, 'autumn.css'), 'utf8'), 'index.html': await autumnPage(headlines.pull) };
}

/** The file that one more push changes: the headline alone. */
export async function headlineChange(): Promise<Files> {
  return { 'index.html': await autumnPage(headlines.push) };
}

async function autumnPage(headline: string): Promise<string> {
  const changes = [
    [headlines.main, headline],
    ['<span class="season">Summer</span>', '<span class="season">Autumn</span>'],
    ['and a table under the lime tree for as long as you like.', 'and a seat by the stove for as long as it rains.'],
  ] as const;
  return changes.reduce((page, [text, by]) => replaced(page, text, by), await readFile(join(folder, 'site', 'index.html'), 'utf8'));
}

/** @throws Error when the text is not there: the sample and this file no longer fit together. */
function replaced(page: string, text: string, by: string): string {
  if (!page.includes(text)) throw new Error(`the page of the sample does not say ${JSON.stringify(text)}`);
  return page.replace(text, by);
}
