import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commandNames, commands } from '../../../src/cli/commands.ts';
import { helpText } from '../../../src/cli/help.ts';
import { parseCommandLine } from '../../../src/cli/parse.ts';

const none = { all: false, deployment: null, dryRun: false, follow: false, json: false, once: false };
const preview = { kind: 'host', hostLabel: 'project-1-a' };

test('without a word, and with every way to ask for it, there is help', () => {
  for (const words of [[], ['help'], ['--help'], ['-h']]) assert.deepEqual(parseCommandLine(words), { kind: 'help', command: null });
  for (const words of [['help', 'logs'], ['logs', '--help'], ['logs', '-h'], ['logs', 'project-1-a', '--help']]) assert.deepEqual(parseCommandLine(words), { kind: 'help', command: commands.logs });
  for (const words of [['version'], ['--version'], ['-v']]) assert.deepEqual(parseCommandLine(words), { kind: 'version' });
});

test('commands with their options', () => {
  const run = (command: string, change: object) => ({ kind: 'run', command, preview: null, flags: none, ...change });
  assert.deepEqual(parseCommandLine(['serve']), run('serve', {}));
  assert.deepEqual(parseCommandLine(['demo', '--once']), run('demo', { flags: { ...none, once: true } }));
  assert.deepEqual(parseCommandLine(['list', '--json', '--all']), run('list', { flags: { ...none, json: true, all: true } }));
  assert.deepEqual(parseCommandLine(['wake', 'project-1-a']), run('wake', { preview }));
  assert.deepEqual(parseCommandLine(['logs', '--follow', 'project-1-a', '--deployment', '7']), run('logs', { preview, flags: { ...none, follow: true, deployment: 7 } }));
  assert.deepEqual(parseCommandLine(['remove', 'acme/shop#12']), run('remove', { preview: { kind: 'pull', owner: 'acme', repo: 'shop', number: 12 } }));
  assert.deepEqual(parseCommandLine(['remove', '--', 'acme/shop@-rf']), run('remove', { preview: { kind: 'branch', owner: 'acme', repo: 'shop', branch: '-rf' } }));
});

test('what cannot be understood is answered with what to type', () => {
  const wrong: [string[], RegExp][] = [
    [['foo'], /^There is no command "foo"\. `kosuke-preview help` lists them\.$/],
    [['Serve'], /^There is no command "Serve"\./],
    [['help', 'foo'], /^There is no command "foo"\./],
    [['constructor'], /^There is no command "constructor"\./],
    [['list', '--once'], /^Unknown option '--once'\. `kosuke-preview help list` shows how it is written\.$/],
    [['list', 'x'], /^`list` does not know what to do with "x"\./],
    [['wake'], /^`wake` needs the name of a preview: its host/],
    [['wake', 'foo'], /^"foo" does not name a preview\. Name it as its host/],
    [['wake', 'project-1-a', 'project-1-b'], /^`wake` does not know what to do with "project-1-b"\./],
    [['logs', 'project-1-a', '--deployment'], /--deployment/],
    [['logs', 'project-1-a', '--deployment', 'x'], /^--deployment takes the number of a deployment/],
    [['logs', 'project-1-a', '--deployment', '0'], /^--deployment takes the number of a deployment/],
    [['serve', '--json=1'], /--json/],
  ];
  for (const [words, problem] of wrong) {
    const line = parseCommandLine(words);
    assert.ok(line.kind === 'wrong', words.join(' '));
    assert.match(line.problem, problem);
  }
});

test('help names every command, and the page of each names its options', () => {
  for (const name of commandNames) {
    assert.match(helpText(null), new RegExp(`^  ${name}( <preview>)? +\\S`, 'm'));
    for (const option of commands[name].options) assert.match(helpText(commands[name]), new RegExp(`^  --${option}\\b.+\\.$`, 'm'));
  }
});

test('help fits a terminal of 110 columns', () => {
  for (const text of [helpText(null), ...commandNames.map((name) => helpText(commands[name]))]) {
    for (const line of text.split('\n')) assert.ok(line.length <= 110, line);
    assert.ok(text.endsWith('\n') && !text.endsWith('\n\n'));
  }
});
