import { parseArgs } from 'node:util';
import { parsePreviewName, type PreviewName } from '../domain/preview-name.ts';
import { commandNames, commands, options, type Command, type CommandName, type OptionName } from './commands.ts';

export type CommandLine =
  | { kind: 'help'; command: Command | null }
  | { kind: 'version' }
  /** `problem` is a sentence that says what is wrong and what to type. */
  | { kind: 'wrong'; problem: string }
  | { kind: 'run'; command: CommandName; preview: PreviewName | null; flags: Flags };

export type Flags = { all: boolean; deployment: number | null; dryRun: boolean; follow: boolean; json: boolean; once: boolean };

/** Reads the words after the program's name. Never throws: what cannot be understood is `wrong`. */
export function parseCommandLine(words: readonly string[]): CommandLine {
  const [first, ...rest] = words;
  if (first === undefined || first === '--help' || first === '-h') return { kind: 'help', command: null };
  if (first === '--version' || first === '-v' || first === 'version') return { kind: 'version' };
  if (first === 'help') return help(rest[0]);
  const name = commandNames.find((known) => known === first);
  if (name === undefined) return wrong(`There is no command ${JSON.stringify(first)}. \`kosuke-preview help\` lists them.`);
  return parseRest(commands[name], rest);
}

function help(about: string | undefined): CommandLine {
  if (about === undefined) return { kind: 'help', command: null };
  const name = commandNames.find((known) => known === about);
  if (name === undefined) return wrong(`There is no command ${JSON.stringify(about)}. \`kosuke-preview help\` lists them.`);
  return { kind: 'help', command: commands[name] };
}

function parseRest(command: Command, words: readonly string[]): CommandLine {
  const read = readWords(command, words);
  if ('problem' in read) return wrong(`${read.problem} \`kosuke-preview help ${command.name}\` shows how it is written.`);
  const { values, positionals } = read;
  if (values.help === true) return { kind: 'help', command };
  const flags = flagsOf(values);
  if (flags === null) return wrong('--deployment takes the number of a deployment, for example --deployment 7.');

  const [text, ...extra] = positionals;
  const surplus = command.preview ? extra[0] : text;
  if (surplus !== undefined) return wrong(`\`${command.name}\` does not know what to do with ${JSON.stringify(surplus)}. \`kosuke-preview help ${command.name}\` shows how it is written.`);
  if (!command.preview) return { kind: 'run', command: command.name, preview: null, flags };
  if (text === undefined) return wrong(`\`${command.name}\` needs the name of a preview: ${previewNames}.`);
  const preview = parsePreviewName(text);
  if (preview === null) return wrong(`${JSON.stringify(text)} does not name a preview. Name it as ${previewNames}.`);
  return { kind: 'run', command: command.name, preview, flags };
}

/** How a preview may be named, for people. */
export const previewNames = 'its host (project-1-feature-a), its address, owner/repo#12 or owner/repo@branch';

type Read = { values: Partial<Record<OptionName | 'help', string | boolean>>; positionals: string[] };

function readWords(command: Command, words: readonly string[]): Read | { problem: string } {
  const known = Object.fromEntries(command.options.map((name) => [name, { type: options[name].type }]));
  try {
    const { values, positionals } = parseArgs({ args: [...words], options: { ...known, help: { type: 'boolean', short: 'h' } }, allowPositionals: true });
    return { values, positionals };
  } catch (error) {
    if (error instanceof TypeError && 'code' in error) return { problem: `${error.message.split(/\. |\n/)[0]}.` };
    throw error;
  }
}

function flagsOf(values: Read['values']): Flags | null {
  const text = values.deployment;
  if (text !== undefined && !(typeof text === 'string' && /^[1-9]\d{0,14}$/.test(text))) return null;
  return {
    all: values.all === true,
    deployment: text === undefined ? null : Number(text),
    dryRun: values['dry-run'] === true,
    follow: values.follow === true,
    json: values.json === true,
    once: values.once === true,
  };
}

function wrong(problem: string): CommandLine {
  return { kind: 'wrong', problem };
}
