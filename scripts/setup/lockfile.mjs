/**
 * Compares what package-lock.json wants with what npm noted in node_modules/.package-lock.json at the end of its last run.
 * @param {Lockfile} wanted
 * @param {Lockfile} installed
 * @returns {string[]} the packages that differ, by their place; empty when node_modules is what the lock file says.
 *   An optional package may be missing (it is for another platform).
 *
 * @typedef {{ version?: string, integrity?: string, optional?: boolean }} LockedPackage
 * @typedef {{ packages: Record<string, LockedPackage> }} Lockfile
 */
export function differences(wanted, installed) {
  const places = new Set([...Object.keys(wanted.packages), ...Object.keys(installed.packages)]);
  places.delete('');
  return [...places].filter((place) => {
    const want = wanted.packages[place];
    const have = installed.packages[place];
    if (want === undefined) return true;
    if (have === undefined) return want.optional !== true;
    return want.version !== have.version || want.integrity !== have.integrity;
  });
}
