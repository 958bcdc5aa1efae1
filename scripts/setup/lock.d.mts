export function takeLock(options?: {
  directory?: string;
  signal?: AbortSignal;
  seconds?: number;
  onWait?: (pid: number) => void;
}): Promise<() => Promise<void>>;
