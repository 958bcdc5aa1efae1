export interface LockedPackage {
  version?: string;
  integrity?: string;
  optional?: boolean;
}
export interface Lockfile {
  packages: Record<string, LockedPackage>;
}
export function differences(wanted: Lockfile, installed: Lockfile): string[];
