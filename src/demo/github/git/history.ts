import type { Change, Commit } from '../world.ts';
import { git, gitAsks } from './run.ts';

const fields = ['%H', '%T', '%P', '%an', '%ae', '%aI', '%cn', '%ce', '%cI', '%B'];

/** Commits that `include` reaches and `exclude` does not, newest first, at most `limit`. */
export async function commitsBetween(dir: string, include: string, exclude: string[], limit = 250): Promise<Commit[]> {
  const revisions = [include, ...exclude.map((sha) => `^${sha}`)].join('\n');
  const out = await git(dir, ['log', '-z', `--max-count=${limit}`, `--format=tformat:${fields.join('%x00')}`, '--stdin'], `${revisions}\n`);
  const parts = out.toString().split('\0');
  const commits: Commit[] = [];
  for (let at = 0; at + fields.length <= parts.length; at += fields.length) commits.push(commitOf(parts.slice(at, at + fields.length)));
  for (const commit of commits.slice(0, 10)) remember(dir, commit);
  return commits;
}

/** @throws GitError when there is no such commit. */
export async function readCommit(dir: string, sha: string): Promise<Commit> {
  const known = lastRead.get(`${dir} ${sha}`) ?? (await commitsBetween(dir, sha, [], 1))[0];
  if (known === undefined) throw new Error(`no commit ${sha}`);
  return known;
}

/** Of the commits that were read last: what a commit says never changes. */
const lastRead = new Map<string, Commit>();

function remember(dir: string, commit: Commit): void {
  lastRead.set(`${dir} ${commit.sha}`, commit);
  for (const oldest of lastRead.keys()) {
    if (lastRead.size <= 200) break;
    lastRead.delete(oldest);
  }
}

/** The full id of what a name (branch, tag, full or short id) points at; undefined when nothing. Branches come first, as on GitHub. */
export async function resolveCommit(dir: string, name: string): Promise<string | undefined> {
  if (!/^[^\s~^:?*[\\\0]+$/.test(name) || name.includes('..') || name.includes('@{')) return undefined;
  const candidates = [`refs/heads/${name}`, `refs/tags/${name}`, ...(/^[0-9a-f]{4,40}$/.test(name) ? [name] : [])];
  const asked = candidates.map((candidate) => `${candidate}^{commit}\n`).join('');
  const answers = (await git(dir, ['cat-file', '--batch-check=commit %(objectname)'], asked)).toString().split('\n');
  // Any other line says that there is no such name, or that it names something else than a commit.
  return answers.find((line) => /^commit [0-9a-f]{40}$/.test(line))?.slice('commit '.length);
}

/** Paths each commit added, removed and changed; a merge's are left out, as in GitHub's push event. */
export async function filesOf(dir: string, shas: string[]): Promise<Map<string, FilesOfCommit>> {
  const files = new Map<string, FilesOfCommit>(shas.map((sha) => [sha, { added: [], removed: [], modified: [] }]));
  const args = ['diff-tree', '--stdin', '-z', '-r', '--root', '--no-renames', '--name-status'];
  const parts = (await git(dir, args, shas.map((sha) => `${sha}\n`).join(''))).toString().split('\0');
  let current: FilesOfCommit | undefined;
  for (let at = 0; at < parts.length; at++) {
    const part = parts[at] ?? '';
    if (part.length >= 40) current = files.get(part);
    else if (part !== '') current?.[part === 'A' ? 'added' : part === 'D' ? 'removed' : 'modified'].push(parts[++at] ?? '');
  }
  return files;
}

export type FilesOfCommit = { added: string[]; removed: string[]; modified: string[] };

/** What a pull request changes: its commits (oldest first) and its lines against the merge base; zeros when the histories are unrelated. */
export async function changeBetween(dir: string, base: string, head: string): Promise<Change> {
  const commits = (await commitsBetween(dir, head, [base])).toReversed();
  const related = await gitAsks(dir, ['merge-base', '--', base, head]);
  const lines = related ? (await git(dir, ['diff', '--numstat', '-z', '--no-renames', `${base}...${head}`])).toString().split('\0') : [];
  const changed = lines.filter((line) => line !== '').map((line) => line.split('\t'));
  const sum = (column: number) => changed.reduce((total, line) => total + (Number(line[column]) || 0), 0);
  return { commits, additions: sum(0), deletions: sum(1), files: changed.length };
}

export function isAncestor(dir: string, ancestor: string, descendant: string): Promise<boolean> {
  return gitAsks(dir, ['merge-base', '--is-ancestor', ancestor, descendant]);
}

function commitOf(parts: string[]): Commit {
  const [sha = '', tree = '', parents = '', an = '', ae = '', ad = '', cn = '', ce = '', cd = '', message = ''] = parts;
  return {
    sha,
    tree,
    parents: parents.split(' ').filter((parent) => parent !== ''),
    author: { name: an, email: ae, date: ad },
    committer: { name: cn, email: ce, date: cd },
    message: message.replace(/\n+$/, ''),
  };
}
