import { mostInstallations } from './definitions.ts';

export type Budget = { remaining: number; resetAt: Date };

export type Budgets = {
  note(asker: string, budget: Budget): void;
  /** Those whose hour is not over. */
  current(now: Date): [asker: string, budget: Budget][];
};

/** What GitHub last allowed, of the askers that were heard of last. */
export function createBudgets(): Budgets {
  const budgets = new Map<string, Budget>();
  return {
    note(asker, budget) {
      budgets.delete(asker);
      budgets.set(asker, budget);
      for (const oldest of budgets.keys()) {
        if (budgets.size <= mostInstallations) return;
        budgets.delete(oldest);
      }
    },
    current: (now) => [...budgets].filter(([, { resetAt }]) => resetAt > now),
  };
}
