import { randomUUID } from 'node:crypto';
import { chmod, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The bare repository of a project under `dir`. */
export function mirrorDir(dir: string, projectId: number): string {
  if (!Number.isSafeInteger(projectId) || projectId < 1) throw new TypeError(`not a project id: ${projectId}`);
  return join(dir, `${projectId}.git`);
}

/**
 * Makes the mirror when there is none (under another name first, so that a kill leaves no half one). Its attributes win over the
 * pushed ones: `export-ignore` would hide files from an archive, `export-subst` would rewrite them. What private repositories hold is
 * for the user that runs this program alone, so the directory of all mirrors is closed to others, also one that was open before.
 */
export async function ensureMirror(mirror: string, sha: string): Promise<void> {
  const [there] = await Promise.all([isThere(mirror), ensurePrivate(join(mirror, '..'))]);
  if (there) return;
  await removeStartingWith(mirror, '.new-');
  const fresh = `${mirror}.new-${randomUUID()}`;
  await Promise.all(['info', 'objects/info', 'objects/pack', 'refs/kosuke'].map((folder) => mkdir(join(fresh, folder), { recursive: true })));
  await Promise.all([
    writeFile(join(fresh, 'config'), sha.length === 64 ? configOfSha256 : config),
    writeFile(join(fresh, 'info', 'attributes'), '* -export-ignore -export-subst\n'),
    // By it git knows a repository.
    writeFile(join(fresh, 'HEAD'), 'ref: refs/heads/none\n'),
  ]);
  await rename(fresh, mirror);
}

/** What `git init --bare` writes that matters: https://git-scm.com/docs/gitrepository-layout */
const config = '[core]\n\trepositoryformatversion = 0\n\tbare = true\n';
const configOfSha256 = '[core]\n\trepositoryformatversion = 1\n\tbare = true\n[extensions]\n\tobjectformat = sha256\n';

async function ensurePrivate(directory: string): Promise<void> {
  const { mode } = await stat(directory).catch(async () => {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    return stat(directory);
  });
  if ((mode & 0o077) !== 0) await chmod(directory, 0o700);
}

/** Throws the mirror away; whoever reads from it at this moment keeps what it has open. */
export async function discardMirror(mirror: string): Promise<void> {
  await removeStartingWith(mirror, '.broken-');
  if (!(await isThere(mirror))) return;
  const aside = `${mirror}.broken-${randomUUID()}`;
  await rename(mirror, aside);
  await rm(aside, { recursive: true, force: true });
}

/** Removes what a killed git left behind and every later one would stop at. Only for the one whose turn it is. */
export async function removeStale(mirror: string): Promise<void> {
  const locks = ['.', 'refs', 'refs/kosuke', 'objects/info'].map((folder) => removeFiles(join(mirror, folder), /\.lock$/));
  await Promise.all([...locks, removeFiles(join(mirror, 'objects/pack'), /^(?:tmp_|\.tmp-)|\.lock$/)]);
}

/** Whether git would take it for a repository: a power cut may leave files without content. */
export async function isSound(mirror: string): Promise<boolean> {
  const sizes = await Promise.all(['HEAD', 'config'].map((name) => stat(join(mirror, name)).then(({ size }) => size, () => 0)));
  return sizes.every((size) => size > 0);
}

/** Writes a ref as git does: whole, under its name, or not at all. */
export async function pin(mirror: string, name: string, sha: string): Promise<void> {
  const path = join(mirror, 'refs', 'kosuke', name);
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(`${path}.lock`, `${sha}\n`);
  await rename(`${path}.lock`, path);
}

/** The commits that `refs/kosuke/*` name. A ref of ours is a file of its own: nothing packs them, and one that somebody packed only costs a fetch. */
export async function pinnedCommits(mirror: string): Promise<Set<string>> {
  const folder = join(mirror, 'refs', 'kosuke');
  const texts = await Promise.all((await namesIn(folder)).map((name) => readFile(join(folder, name), 'utf8').catch(() => '')));
  return new Set(texts.map((text) => text.trim()));
}

export async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

async function removeFiles(folder: string, pattern: RegExp): Promise<void> {
  for (const name of await namesIn(folder)) {
    if (pattern.test(name)) await rm(join(folder, name), { recursive: true, force: true });
  }
}

async function removeStartingWith(mirror: string, suffix: string): Promise<void> {
  const start = `${mirror}${suffix}`;
  for (const name of await namesIn(join(mirror, '..'))) {
    const path = join(mirror, '..', name);
    if (path.startsWith(start)) await rm(path, { recursive: true, force: true });
  }
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
