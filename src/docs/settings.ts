import { groups, notYet, variables, type Variable, type VariableName } from '../settings/variables.ts';
import { code, page, table } from './markdown.ts';

/** Every environment variable, by group. */
export function settingsPage(): string {
  const parts = Object.entries(groups).map(([group, names]) => `## ${group}\n\n${table(['Variable', 'Left out', 'Meaning'], names.map(row))}`);
  return page('Settings', ['src/settings/variables.ts'], head, ...parts);
}

const head = `They are environment variables; a file \`.env\` in the directory where the program is started is read, too, and the environment wins over it.
[.env.example](../../.env.example) is such a file with all of them. Everything that is wrong is told at once when the program starts, each with what
to set. Durations are \`500ms 30s 5m 2h 14d never\`, memory is \`64m 2g\`.`;

function row(name: VariableName): string[] {
  const { about, default: byDefault, otherwise, required }: Variable<unknown> = variables[name];
  const limit = notYet[name] === undefined ? '' : ` *In this version: ${notYet[name]}.*`;
  return [code(name), required === undefined ? leftOut(byDefault, otherwise) : '**must be set**', `${plain(about)}${limit}`];
}

function plain(text: string): string {
  return text.replaceAll(/[*\\]/g, (mark) => `\\${mark}`);
}

function leftOut(byDefault: string | undefined, otherwise: string | undefined): string {
  return byDefault === undefined ? (otherwise ?? '–') : code(byDefault);
}
