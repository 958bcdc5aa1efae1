import { type CaseRun, seconds } from './case.ts';

export type Case = {
  /** By which it is chosen, and its number in the list of docs/faults.md. */
  name: string;
  number: number;
  /** It is ended after so many minutes. */
  minutes: number;
  run(run: CaseRun): Promise<void>;
};

export type Tally = { passed: number; failed: number };

/** Runs one case, until the next check at most once it is late or a person ends it; tells each check with its time, and what went wrong with the last lines of the program. Nothing that fails ends the others. */
export async function runCase({ name, number, minutes, run }: Case, seed: number, say: (text: string) => void, interrupted: AbortSignal): Promise<Tally> {
  const tally: Tally = { passed: 0, failed: 0 };
  const label = `case ${number} · ${name}`;
  const fail = (what: string, error: unknown) => {
    tally.failed += 1;
    say(`✖ ${label} · ${what}: ${error instanceof Error ? error.message : String(error)}`);
  };
  const began = performance.now();
  const late = AbortSignal.timeout(minutes * 60_000);
  const check: CaseRun['check'] = async (what, work) => {
    interrupted.throwIfAborted();
    late.throwIfAborted();
    try {
      const ms = await work();
      tally.passed += 1;
      say(`${label} · ${what} · ${seconds(ms)}`);
      return true;
    } catch (error) {
      fail(what, error);
      return false;
    }
  };
  try {
    await run({ seed, check, note: (text) => say(`${label} · ${text}`) });
  } catch (error) {
    fail(late.aborted ? `did not end within ${minutes} minutes` : 'could not go on', error);
  }
  say(`── ${label}: ${tally.passed} passed, ${tally.failed} failed, ${seconds(performance.now() - began)}`);
  return tally;
}
