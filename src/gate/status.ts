import type { Found } from './find.ts';
import type { GateState } from './state.ts';

/** The answer of `/_kosuke/status`. `sha` and `deployment` are those of the version that was last seen ready there, if any. */
export type GateStatus = { host: string; state: GateState; sha: string | null; deployment: number | null; url: string };

export function statusBody(host: string, url: string, state: GateState, found: Found | null): GateStatus {
  const version = found?.asked ?? found?.live ?? null;
  return { host, state, sha: version?.sha ?? null, deployment: version?.id ?? null, url };
}
