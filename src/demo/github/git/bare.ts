import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { git } from './run.ts';

// As GitHub: any object that is there may be fetched by its id; refs/pull belongs to GitHub; the default branch cannot be deleted.
const config = `[core]
	repositoryformatversion = 0
	bare = true
	logAllRefUpdates = false
[http]
	receivepack = true
[uploadpack]
	allowReachableSHA1InWant = true
	allowAnySHA1InWant = true
	allowFilter = true
[receive]
	hideRefs = refs/pull
	denyDeleteCurrent = refuse
	autogc = false
[gc]
	auto = 0
`;

/** Makes an empty bare repository whose default branch is `main`. */
export async function initBare(dir: string): Promise<void> {
  for (const folder of ['objects/info', 'objects/pack', 'refs/heads', 'refs/tags', 'info']) {
    await mkdir(join(dir, folder), { recursive: true });
  }
  await writeFile(join(dir, 'config'), config);
  await writeFile(join(dir, 'HEAD'), 'ref: refs/heads/main\n');
}

/** Branches and tags with the objects they point at; `refs/pull/` is left out. */
export async function readRefs(dir: string): Promise<Map<string, string>> {
  const out = await git(dir, ['for-each-ref', '--format=%(objectname) %(refname)', 'refs/heads', 'refs/tags']);
  const refs = new Map<string, string>();
  for (const line of out.toString().split('\n')) {
    if (line !== '') refs.set(line.slice(line.indexOf(' ') + 1), line.slice(0, line.indexOf(' ')));
  }
  return refs;
}

/** Copies a commit and what it needs from another repository on this disk. */
export async function fetchObjects(dir: string, from: string, sha: string): Promise<void> {
  await fetchFrom(dir, from, sha);
}

/** The same, and points a ref at the commit, whatever it pointed at before. */
export async function fetchInto(dir: string, from: string, sha: string, ref: string): Promise<void> {
  await fetchFrom(dir, from, `+${sha}:${ref}`);
}

async function fetchFrom(dir: string, from: string, refspec: string): Promise<void> {
  await git(dir, ['-c', 'protocol.file.allow=always', 'fetch', '--quiet', '--no-tags', '--no-write-fetch-head', from, refspec]);
}
