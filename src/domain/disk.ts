/** A file system that the program, its builds or its previews write to. Bytes. */
export type Space = { of: 'data' | 'engine'; freeBytes: number; totalBytes: number };

/** What images of ours and the build cache of the engine take. Bytes; layers that images share are counted once. */
export type DiskUsage = { imageBytes: number; cacheBytes: number };

/** Builds begin while this much is free: a tenth, of a large disk 1 GiB. What is below is left to the running previews and the database. */
export function leastFreeBytes({ totalBytes }: Pick<Space, 'totalBytes'>): number {
  return Math.min(gib, Math.floor(totalBytes / 10));
}

/** The first that has too little room for a build. */
export function shortOf(spaces: readonly Space[]): Space | null {
  return spaces.find((space) => space.freeBytes < leastFreeBytes(space)) ?? null;
}

/** How much has to go: what is beyond the budget (`null`: half of the engine's disk, when that is known), or what is missing on the engine's disk. */
export function bytesToFree({ imageBytes, cacheBytes }: DiskUsage, spaces: readonly Space[], budgetBytes: number | null): number {
  const engine = spaces.find(({ of }) => of === 'engine');
  const budget = budgetBytes ?? (engine === undefined ? Infinity : engine.totalBytes / 2);
  const missing = engine === undefined || engine.freeBytes >= leastFreeBytes(engine) ? 0 : 2 * leastFreeBytes(engine) - engine.freeBytes;
  return Math.max(0, imageBytes + cacheBytes - budget, missing);
}

const gib = 1024 ** 3;
