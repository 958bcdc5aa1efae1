import { readFileSync } from 'node:fs';
import { page } from './markdown.ts';

/** The tables in the comments of what decides, as they stand there. */
export function tablesPage(): string {
  return page('What is decided', sources.map(({ path }) => path), head, ...sources.map(section));
}

const head = 'Each table stands in the code above the function that it describes.';

const sources: readonly { path: string; title: string }[] = [
  { path: 'src/domain/wanted.ts', title: 'What should be' },
  { path: 'src/domain/plan/plan.ts', title: 'The next steps' },
  { path: 'src/domain/preview-state.ts', title: 'The one word for a preview' },
  { path: 'src/reconcile/shared-image.ts', title: 'Which image a deployment gets' },
  { path: 'src/domain/github-status.ts', title: 'What GitHub is told of a deployment' },
];

/** Throws when there is no table in a comment of the file. */
function section({ path, title }: { path: string; title: string }): string {
  const lines = readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8').split('\n');
  const table = lines.filter((line) => line.startsWith(' * |')).map((line) => line.slice(3));
  if (table.length < 3) throw new Error(`${path} has no table in a comment`);
  return `## ${title}\n\n[\`${path}\`](../../${path})\n\n${table.join('\n')}`;
}
