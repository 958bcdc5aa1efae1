export interface Counts {
  passed: number;
  failed: number;
  complaints: string[];
}
export function addUp(lines: string, run: { end: string | undefined; files: string[] }): Counts;
