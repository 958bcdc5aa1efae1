import { hideCredentials } from '../domain/credentials.ts';
import { failureSentence, KosukeError } from '../domain/errors.ts';
import { stripAnsi } from '../domain/inert.ts';
import type { Settings, SettingsResult } from '../settings.ts';
import { connect, ControlError } from './client.ts';
import type { CommandName } from './commands.ts';
import { helpText } from './help.ts';
import type { Operations } from './operations.ts';
import { carryOut } from './carry-out.ts';
import { parseCommandLine, type CommandLine } from './parse.ts';

/** The parts of the program that commands start. Loaded only when needed, so that `help` is quick. */
export type Program = {
  version: string;
  settings(): SettingsResult;
  /** Where a running program is to be found, known without the rest of the settings. */
  dataDir(): { ok: true; dataDir: string } | { ok: false; problems: string[] };
  /** Resolves when it was asked to stop and has. */
  serve(settings: Settings): Promise<void>;
  /** Resolves with the exit code. */
  demo(options: { once: boolean }): Promise<number>;
  /** Opens the program for one use, while no other runs; `readOnly`: nothing that waits to be done is done meanwhile. */
  withProgram<T>(settings: Settings, use: (operations: Operations) => Promise<T>, options?: { readOnly: boolean }): Promise<T>;
};

export type Io = {
  out(text: string): void;
  err(text: string): void;
  /** Columns of the terminal, `null` when the output is piped. */
  width: number | null;
  sleep(ms: number): Promise<void>;
};

/** Carries out one command line. Resolves with the exit code: 0, 1 when it failed, 2 when it could not be understood. */
export async function runCommandLine(words: readonly string[], program: Program, io: Io): Promise<number> {
  const line = parseCommandLine(words);
  try {
    return await runLine(line, program, io);
  } catch (error) {
    if (error instanceof Problems) for (const problem of error.problems) io.err(`${stripAnsi(problem)}\n`);
    else io.err(`${stripAnsi(error instanceof ControlError ? error.message : unexpected(error))}\n`);
    return 1;
  }
}

async function runLine(line: CommandLine, program: Program, io: Io): Promise<number> {
  switch (line.kind) {
    case 'help':
      io.out(helpText(line.command));
      return 0;
    case 'version':
      io.out(`${program.version}\n`);
      return 0;
    case 'wrong':
      io.err(`${stripAnsi(line.problem)}\n`);
      return 2;
    case 'run':
      return runCommand(line, program, io);
  }
}

async function runCommand(line: CommandLine & { kind: 'run' }, program: Program, io: Io): Promise<number> {
  switch (line.command) {
    case 'serve':
      await program.serve(settingsOf(program));
      return 0;
    case 'demo':
      return program.demo({ once: line.flags.once });
    case 'migrate':
      return migrate(program, io);
    default:
      return operate(line, line.command, program, io);
  }
}

/** The database is brought up to date whenever it is opened. */
async function migrate(program: Program, io: Io): Promise<number> {
  if ((await connect(dataDirOf(program))) !== null) {
    io.out('A running program has the database open, and brought it up to date when it started.\n');
    return 0;
  }
  await program.withProgram(settingsOf(program), () => Promise.resolve());
  io.out('The database is up to date.\n');
  return 0;
}

async function operate(line: CommandLine & { kind: 'run' }, command: Exclude<CommandName, 'serve' | 'demo' | 'migrate'>, program: Program, io: Io): Promise<number> {
  const running = await connect(dataDirOf(program));
  if (running !== null) return carryOut({ ...line, command }, running, io);
  const alone = { ...line, command, flags: { ...line.flags, follow: false } };
  return program.withProgram(settingsOf(program), (operations) => carryOut(alone, operations, io), { readOnly: line.flags.dryRun });
}

/** Sentences for a person, nothing else to say. */
class Problems extends Error {
  override readonly name = 'Problems';
  readonly problems: string[];

  constructor(problems: string[]) {
    super(problems.join(' '));
    this.problems = problems;
  }
}

function settingsOf(program: Program): Settings {
  const read = program.settings();
  if (!read.ok) throw new Problems(read.problems);
  return read.settings;
}

function dataDirOf(program: Program): string {
  const read = program.dataDir();
  if (!read.ok) throw new Problems(read.problems);
  return read.dataDir;
}

function unexpected(error: unknown): string {
  if (error instanceof KosukeError) return failureSentence(error.failure);
  return hideCredentials(error instanceof Error ? error.message : String(error));
}
