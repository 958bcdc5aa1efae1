import { commands, type Command } from '../cli/commands.ts';
import { helpText } from '../cli/help.ts';
import { previewNames } from '../cli/parse.ts';
import { code, page, table } from './markdown.ts';

/** Every command with its help. */
export function commandsPage(): string {
  const all = Object.values(commands);
  const rows = all.map((command) => [`[${code(command.name)}](#${command.name})`, command.summary]);
  return page('Commands', ['src/cli/commands.ts'], head, table(['Command', 'What it does'], rows), ...all.map(section));
}

const head = `\`npx kosuke-preview <command>\`, in the directory where the program is started. A command talks to a running \`serve\` through the socket
\`kosuke.sock\` in \`DATA_DIR\`; without one it opens the store itself and does the same. It ends with 0 when it did what was asked, with 1 when not,
and with 2 when it could not be understood, and then says why in one sentence. A preview is named by ${previewNames}.`;

function section(command: Command): string {
  return `## ${command.name}\n\n\`\`\`\n${helpText(command)}\`\`\``;
}
