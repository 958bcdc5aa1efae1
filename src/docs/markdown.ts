/** A table for GitHub. Cells are Markdown; a line end in one becomes a space. */
export function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('\n', ' ').replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(heads), line(heads.map(() => '---')), ...rows.map(line)].join('\n');
}

export function code(text: string): string {
  return `\`${text}\``;
}

/** A page: its title, that it is generated, and its parts with an empty line between them. Ends with a line feed. */
export function page(title: string, from: readonly string[], ...parts: readonly string[]): string {
  const note = `<!-- Made by \`npm run docs\` from ${from.join(', ')}. -->`;
  return `${[note, `# ${title}`, ...parts].join('\n\n')}\n`;
}
