import { buildArgs } from '../domain/build-args.ts';
import { checkDockerfile } from '../domain/dockerfile.ts';
import { dockerfileText } from '../domain/dockerfile-text.ts';
import { KosukeError } from '../domain/errors.ts';
import { notFetched } from '../domain/not-fetched.ts';
import type { Note } from '../domain/notes.ts';
import { branchNameOf } from '../domain/preview.ts';
import type { Deps } from './deps.ts';
import type { CommitFiles } from './ports/git.ts';
import type { BuildJob } from './ports/store.ts';

/** What a commit is built from, and what a person should know of it. */
export type Source = {
  /** git's hash of the tree. */
  tree: string;
  /** The Dockerfile as it is built. */
  dockerfile: string;
  ignore: string | null;
  args: Record<string, string>;
  notes: Note[];
  /** What else stands in the log. */
  remarks: string[];
};

/** Reads it from the fetched commit. Throws `KosukeError` for a Dockerfile that is missing, is none, or may not be built. `where`: the commit in words. */
export async function readSource(deps: Deps, { deployment, preview }: BuildJob, where: string, signal: AbortSignal): Promise<Source> {
  const { name, read } = await readByName(deps, preview.project.id, deployment.sha, signal);
  const { text, note } = checkDockerfile(dockerfileIn(read.files, name, where));
  const ignore = ignoreIn(read.files, name);
  const inContext = async (paths: readonly string[]) => (paths.length === 0 ? [] : await deps.builder.inContext(paths, ignore, signal));
  const missing = notFetched({ lfsPointers: await inContext(read.lfsPointers), lfsUnread: read.lfsUnread, submodules: await inContext(read.submodules) });
  return {
    tree: read.tree,
    dockerfile: text,
    ignore,
    args: buildArgs(text, { commit: deployment.sha, branch: branchNameOf(preview.ref), committedAt: read.committedAt }),
    notes: [...(note === null ? [] : [{ code: 'syntax-not-honoured' as const, text: `${note}.` }]), ...missing],
    remarks: read.passedOver.map((text) => `${text}. Its rules do not count, as with Docker`),
  };
}

type Files = CommitFiles['files'];

/** As Docker's own clients take it: small letters where nothing has the usual name, and only then is anything of that name looked at. */
async function readByName(deps: Deps, projectId: number, sha: string, signal: AbortSignal): Promise<{ name: string; read: CommitFiles }> {
  const read = (name: string) => deps.git.readFiles(projectId, sha, [name, [`${name}.dockerignore`, '.dockerignore']], signal);
  const usual = await read('Dockerfile');
  if ((usual.files.get('Dockerfile') ?? null) !== null) return { name: 'Dockerfile', read: usual };
  const small = await read('dockerfile');
  return (small.files.get('dockerfile') ?? null) === null ? { name: 'Dockerfile', read: usual } : { name: 'dockerfile', read: small };
}

function dockerfileIn(files: Files, name: string, where: string): string {
  const file = files.get(name) ?? null;
  if (file !== null && file !== 'other') return dockerfileText(file);
  throw new KosukeError({
    code: 'no-dockerfile',
    fault: 'app',
    what: `There is nothing to build for ${where}`,
    why: file === null ? 'there is no file named Dockerfile at the top of the repository' : `${name} at the top of the repository is a folder, not a file`,
    next: 'Add a Dockerfile there and push.',
  });
}

/** As BuildKit reads it: one that belongs to the Dockerfile comes first, and one that cannot be read is none. */
function ignoreIn(files: Files, name: string): string | null {
  const found = [`${name}.dockerignore`, '.dockerignore'].map((path) => files.get(path)).find((file) => file instanceof Uint8Array);
  return found?.toString('utf8') ?? null;
}

/** Codes of the notes that tell of what was built, in whichever deployment of it. */
const ofSource: ReadonlySet<string> = new Set(['lfs-pointers', 'submodules', 'syntax-not-honoured'] satisfies Note['code'][]);

/** The notes of a deployment with those of what is built now in the place of earlier ones. */
export function withSourceNotes(notes: readonly Note[], own: readonly Note[]): Note[] {
  return [...notes.filter(({ code }) => !ofSource.has(code)), ...own];
}
