/** The commands of `kosuke-preview`, in the order in which help lists them. */
export type Command = {
  name: CommandName;
  summary: string;
  /** Takes the name of a preview. */
  preview: boolean;
  options: readonly OptionName[];
};

export const commandNames = ['serve', 'demo', 'list', 'logs', 'redeploy', 'sleep', 'wake', 'remove', 'sweep', 'migrate'] as const;
export type CommandName = (typeof commandNames)[number];

export type OptionName = 'all' | 'deployment' | 'dry-run' | 'follow' | 'json' | 'once';

export const commands: Record<CommandName, Command> = {
  serve: command('serve', 'Runs the program.', []),
  demo: command('demo', 'Shows a whole preview on this machine, with a GitHub of its own.', ['once']),
  list: command('list', 'Lists previews.', ['all', 'json']),
  logs: onPreview('logs', 'Shows the log of the newest deployment of a preview.', ['deployment', 'follow', 'json']),
  redeploy: onPreview('redeploy', 'Builds and deploys its commit again, without cache and on fresh base images.', ['json']),
  sleep: onPreview('sleep', 'Puts it to sleep until it is woken or pushed to.', ['json']),
  wake: onPreview('wake', 'Wakes it, or starts it again after crashes.', ['json']),
  remove: onPreview('remove', 'Removes it until the next push or `redeploy`.', ['json']),
  sweep: command('sweep', 'Compares everything with GitHub and the engine now.', ['dry-run', 'json']),
  migrate: command('migrate', 'Brings the database up to date (`serve` does so by itself).', []),
};

export const options: Record<OptionName, { type: 'boolean' | 'string'; value?: string; summary: string }> = {
  all: { type: 'boolean', summary: 'Removed previews, too.' },
  deployment: { type: 'string', value: '<number>', summary: 'This deployment instead of the newest.' },
  'dry-run': { type: 'boolean', summary: 'Says what it would do, and changes nothing.' },
  follow: { type: 'boolean', summary: 'Goes on until the deployment has ended.' },
  json: { type: 'boolean', summary: 'Prints JSON.' },
  once: { type: 'boolean', summary: 'Opens, pushes and closes without a person, and checks each step.' },
};

function command(name: CommandName, summary: string, options: readonly OptionName[]): Command {
  return { name, summary, preview: false, options };
}

function onPreview(name: CommandName, summary: string, options: readonly OptionName[]): Command {
  return { name, summary, preview: true, options };
}
