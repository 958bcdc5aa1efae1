/** What stopped being wanted lately, of each installation: GitHub in trouble can say of many at once that they are gone. */
export type Removals = {
  /**
   * Whether a preview that was read as no longer wanted may go on that reading. More than 5, and more than 30 % of the `wanted` ones of an installation, within
   * ten minutes are read again first, 10 s later at the earliest.
   */
  mayGo(installationId: number, previewId: number, wanted: number, now: Date): boolean;
  /** A reading found it wanted: what was read before does not count. */
  stays(installationId: number, previewId: number): void;
};

export function createRemovals(): Removals {
  const byInstallation = new Map<number, Map<number, number>>();
  return {
    mayGo(installationId, previewId, wanted, now) {
      const at = now.getTime();
      const read = byInstallation.get(installationId) ?? new Map<number, number>();
      byInstallation.set(installationId, read);
      for (const [id, first] of read) if (at - first > windowMs) read.delete(id);
      const before = read.get(previewId);
      if (before !== undefined) return at - before >= againAfterMs;
      read.set(previewId, at);
      return read.size <= Math.max(5, 0.3 * wanted);
    },
    stays: (installationId, previewId) => void byInstallation.get(installationId)?.delete(previewId),
  };
}

const windowMs = 600_000;
/** The earliest at which a second reading counts. */
export const againAfterMs = 10_000;
