import type { Files } from '../types.ts';
import type { Account } from '../world.ts';
import { emailOf } from '../shapes/commit.ts';
import { git, GitError } from './run.ts';

export type NewCommit = {
  /** Full ref name that is to point at it, whatever it points at now. */
  ref: string;
  /** The first parent; none for a first commit. */
  parent?: string;
  /** A second parent with the tree of the merge: `files` and `deletions` are then not looked at. */
  merge?: { parent: string; tree: string };
  files?: Files;
  deletions?: string[];
  message: string;
  author: Account;
  at: Date;
};

/**
 * Writes one commit and moves the ref to it; resolves to its id. Files that begin with `#!` are executable.
 * @throws GitError when the ref's name is not one, or stands in the way of another.
 */
export async function writeCommit(dir: string, commit: NewCommit): Promise<string> {
  const chunks: (string | Buffer)[] = [`commit ${commit.ref}\nmark :1\n`];
  const signature = `${commit.author.login} <${emailOf(commit.author)}> ${Math.floor(commit.at.getTime() / 1_000)} +0000`;
  chunks.push(`author ${signature}\ncommitter ${signature}\n`, ...data(commit.message));
  if (commit.parent !== undefined) chunks.push(`from ${commit.parent}\n`);
  if (commit.merge) chunks.push(`merge ${commit.merge.parent}\n`, `M 040000 ${commit.merge.tree} ""\n`);
  else chunks.push(...changes(commit));
  chunks.push('\nget-mark :1\ndone\n');
  const input = Buffer.concat(chunks.map((chunk) => Buffer.from(chunk)));
  const out = await git(dir, ['fast-import', '--quiet', '--force', '--done'], input);
  return out.toString().trim();
}

/** The tree of merging two commits; undefined when they conflict. */
export async function mergedTree(dir: string, base: string, head: string): Promise<string | undefined> {
  try {
    return (await git(dir, ['merge-tree', '--write-tree', '--no-messages', base, head])).toString().trim();
  } catch (error) {
    if (error instanceof GitError && error.code === 1) return undefined;
    throw error;
  }
}

function changes(commit: NewCommit): (string | Buffer)[] {
  const chunks: (string | Buffer)[] = (commit.deletions ?? []).map((path) => `D ${quoted(path)}\n`);
  for (const [path, content] of Object.entries(commit.files ?? {})) {
    chunks.push(`M ${modeOf(content)} inline ${quoted(path)}\n`, ...data(content));
  }
  return chunks;
}

function modeOf(content: string | Buffer): string {
  return content.slice(0, 2).toString() === '#!' ? '100755' : '100644';
}

function data(content: string | Buffer): (string | Buffer)[] {
  return [`data ${Buffer.byteLength(content)}\n`, content, '\n'];
}

/** A path in fast-import's C-style quotes. */
function quoted(path: string): string {
  return `"${path.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
}
