import type { Note } from './notes.ts';

/** What is in what is built and was not fetched with it: pointers of Git LFS, and the folders of submodules. `lfsUnread`: how many files may be pointers, too, and were not looked at. */
export function notFetched({ lfsPointers, lfsUnread, submodules }: { lfsPointers: readonly string[]; lfsUnread: number; submodules: readonly string[] }): Note[] {
  const notes: Note[] = [];
  if (lfsPointers.length > 0 || lfsUnread > 0) {
    const pointers = lfsPointers.length > 0 ? `the pointers of ${named(lfsPointers)}` : 'their pointers';
    const unread = lfsUnread > 0 ? ` There may be more pointers: ${lfsUnread.toLocaleString('en')} small files were not looked at.` : '';
    const text = `LFS contents are not fetched, so the app gets only ${pointers}.${unread} Commit the files themselves, or let the Dockerfile download them.`;
    notes.push({ code: 'lfs-pointers', text });
  }
  if (submodules.length > 0) {
    const folders = submodules.length === 1 ? 'this folder is' : 'these folders are';
    const text = `Submodules are not fetched, so ${folders} empty in the build: ${named(submodules)}. Commit the files themselves, or let the Dockerfile clone them.`;
    notes.push({ code: 'submodules', text });
  }
  return notes;
}

/** Up to three paths, and how many more there are. */
function named(paths: readonly string[]): string {
  const shown = paths.slice(0, 3).map((path) => (path.length > 200 ? `${path.slice(0, 200)}…` : path).replaceAll(/\p{C}/gu, '?').toWellFormed());
  const more = paths.length - shown.length;
  return shown.join(', ') + (more > 0 ? ` and ${more.toLocaleString('en')} more` : '');
}
