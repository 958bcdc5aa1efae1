/** How a case tells of what it checked: `work` resolves with the ms that it took to converge, and throws what is wrong. */
export type Check = (name: string, work: () => Promise<number>) => Promise<boolean>;

export type CaseRun = {
  seed: number;
  check: Check;
  /** A line that is neither passed nor failed: how much of something was met. */
  note(text: string): void;
};

/** For the short selection: what is wrong fails the test. */
export function strictRun(seed: number, note: (text: string) => void): CaseRun {
  return {
    seed,
    note,
    async check(name, work) {
      note(`${name} · ${seconds(await work())}`);
      return true;
    },
  };
}

export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
