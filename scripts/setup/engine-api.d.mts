import type { Readable } from 'node:stream';

export function engineAddress(dockerHost: string | undefined): { socketPath: string } | { host: string; port: number };
export function callEngine(
  method: string,
  path: string,
  options?: { body?: Readable; seconds?: number; signal?: AbortSignal; onData?: (text: string) => void; dockerHost?: string },
): Promise<string>;
