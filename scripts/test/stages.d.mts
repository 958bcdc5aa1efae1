export type Check = { name: string; command: string; args: string[]; seconds: number };
export type Suite = {
  name: string;
  folder: string;
  concurrency: number;
  testSeconds: number;
  seconds: number;
  except?: string[];
  env?: Record<string, string>;
};
export const stages: (Check | Suite)[];
export function choose(
  filters: string[],
  testFiles: (folder: string) => string[],
  root: string,
): { chosen: { stage: Check | Suite; files: string[] }[]; unknown: string[] };
