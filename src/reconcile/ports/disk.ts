import type { Space } from '../../domain/disk.ts';

/** The file systems of this machine. */
export type Disk = {
  /** That of the program's own data, and that of the engine where it is on this machine and can be seen. Never rejects: what cannot be measured is left out. */
  spaces(signal: AbortSignal): Promise<Space[]>;
};
