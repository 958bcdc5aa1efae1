import { commands, options, type Command } from './commands.ts';
import { previewNames } from './parse.ts';

/** What `help` prints: all commands, or one with its options. Ends with a line feed. */
export function helpText(command: Command | null): string {
  return command === null ? overview() : page(command);
}

function overview(): string {
  const rows = Object.values(commands).map((command) => [usage(command), command.summary]);
  rows.push(['help [command]', 'Shows this, or how a command is written.'], ['version', 'Shows the version.']);
  return [
    'A live preview for every pull request, on your own Docker host.',
    '',
    'Usage: kosuke-preview <command>',
    '',
    ...columns(rows),
    '',
    `A preview is named by ${previewNames}.`,
    '',
  ].join('\n');
}

function page(command: Command): string {
  const rows = command.options.map((name) => {
    const { value, summary } = options[name];
    return [`--${name}${value === undefined ? '' : ` ${value}`}`, summary];
  });
  const naming = command.preview ? ['', `<preview> is ${previewNames}.`] : [];
  const listed = rows.length === 0 ? [] : ['', ...columns(rows)];
  return [`Usage: kosuke-preview ${usage(command)}${rows.length === 0 ? '' : ' [options]'}`, '', command.summary, ...naming, ...listed, ''].join('\n');
}

function usage(command: Command): string {
  return command.preview ? `${command.name} <preview>` : command.name;
}

function columns(rows: readonly (readonly string[])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left!.length));
  return rows.map(([left, right]) => `  ${left!.padEnd(width)}  ${right}`);
}
