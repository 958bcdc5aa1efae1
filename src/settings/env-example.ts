import { groups, notYet, variables } from './variables.ts';
import type { Variable, VariableName } from './variables.ts';

/** `.env.example`: every variable with its meaning; those without a default are to be filled in, the others show theirs. */
export function envExample(): string {
  const sections = Object.entries(groups).map(([group, names]) => [`# --- ${group} ${'-'.repeat(90 - group.length)}`, ...names.map(entry)].join('\n\n'));
  return `${[head, ...sections].join('\n\n')}\n`;
}

const head = `# Settings of Kosuke Preview. Copy this file to .env and fill in what has no # before it. The rest may be left out: it
# stands there with its default, or with an example below what is so when left out. The environment wins over this file.
# Durations are 500ms 30s 5m 2h 14d never; memory is 64m 2g.`;

function entry(name: VariableName): string {
  const { about, default: byDefault, otherwise, example, required }: Variable<unknown> = variables[name];
  const unset = otherwise === undefined ? '' : `\n# Left out: ${otherwise}.`;
  const limit = notYet[name] === undefined ? '' : `\n# In this version: ${notYet[name]}.`;
  const line = required === undefined && name !== 'PRIVATE_KEY_PATH' ? `#${name}=${byDefault ?? example ?? ''}` : `${name}=${example ?? ''}`;
  return `# ${about}${unset}${limit}\n${line}`;
}
