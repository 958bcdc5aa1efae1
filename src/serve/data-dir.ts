import { stat } from 'node:fs/promises';
import type { Logger } from 'pino';

/** Warns when other users of this machine can list the data directory. What is secret in it is closed by itself; its mode is the operator's. */
export async function warnIfOpen(dataDir: string, log: Logger): Promise<void> {
  const mode = (await stat(dataDir)).mode & 0o777;
  if ((mode & 0o077) === 0) return;
  const next = `Close it with: chmod 700 ${dataDir}`;
  log.warn({ dataDir, mode: mode.toString(8), next }, 'DATA_DIR is open to other users of this machine');
}
