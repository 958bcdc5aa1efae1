import { oneLine } from '../domain/markdown.ts';

/**
 * Rows as text. On a terminal of `width` columns: aligned under the heads, the widest columns cut with `…` until a line fits. Piped
 * (`width` null): one line a row, values whole, tabs between, no heads. What comes from outside loses its control characters.
 */
export function tableText(heads: readonly string[], rows: readonly (readonly string[])[], width: number | null): string {
  const clean = rows.map((row) => row.map((cell) => oneLine(cell, Infinity)));
  if (width === null) return clean.map((row) => `${row.join('\t')}\n`).join('');
  const widths = fit(heads.map((head, column) => Math.max(head.length, ...clean.map((row) => row[column]!.length))), width);
  return [heads, ...clean].map((row) => `${row.map((cell, column) => oneLine(cell, widths[column]!).padEnd(widths[column]!)).join(gap).trimEnd()}\n`).join('');
}

const gap = '  ';
const narrowest = 6;

function fit(natural: readonly number[], width: number): number[] {
  const widths = [...natural];
  const room = width - gap.length * (widths.length - 1);
  while (widths.reduce((sum, each) => sum + each, 0) > room) {
    const widest = widths.indexOf(Math.max(...widths));
    if (widths[widest]! <= narrowest) break;
    widths[widest]! -= 1;
  }
  return widths;
}
