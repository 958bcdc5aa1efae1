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

/** Runs one case; tells each check with its time, and what went wrong with the last lines of the program. Nothing that fails ends the others. */
export async function runCase({ name, number, minutes, run }: Case, seed: number, say: (text: string) => void): Promise<Tally> {
  const tally: Tally = { passed: 0, failed: 0 };
  const label = `case ${number} · ${name}`;
  const fail = (what: string, error: unknown) => {
    tally.failed += 1;
    say(`✖ ${label} · ${what}: ${error instanceof Error ? error.message : String(error)}`);
  };
  const began = performance.now();
  let over = false;
  const check: CaseRun['check'] = async (what, work) => {
    if (over) throw new Error('the case was ended');
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
  const late = setTimeout(() => {
    over = true;
  }, minutes * 60_000);
  try {
    await run({ seed, check, note: (text) => say(`${label} · ${text}`) });
  } catch (error) {
    fail(over ? `did not end within ${minutes} minutes` : 'could not go on', error);
  } finally {
    clearTimeout(late);
  }
  say(`── ${label}: ${tally.passed} passed, ${tally.failed} failed, ${seconds(performance.now() - began)}`);
  return tally;
}
