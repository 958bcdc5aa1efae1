/**
 * What a person should know about a version although it may run well: a note stands in its log, and on the pull request as long as it
 * matters. Failures are something else (`errors.ts`).
 */
export type NoteCode = 'port-found' | 'without-init' | 'tls-port' | 'lfs-pointers' | 'submodules' | 'syntax-not-honoured';

/** `text`: plain sentences, raw; who shows it makes it inert. */
export type Note = { code: NoteCode; text: string };

/** Whether the comment shows a note while its version is live, and when its version failed. */
const shown: Record<NoteCode, { live: boolean; failed: boolean }> = {
  'port-found': { live: true, failed: true },
  'without-init': { live: true, failed: true },
  'tls-port': { live: true, failed: true },
  'lfs-pointers': { live: true, failed: true },
  submodules: { live: true, failed: true },
  'syntax-not-honoured': { live: false, failed: true },
};

/** The notes that the comment shows of a version, in their order. */
export function notesOn(notes: readonly Note[], outcome: 'live' | 'failed'): Note[] {
  return notes.filter(({ code }) => shown[code][outcome]);
}

/** `notes` with `note` in the place of an earlier one of its code. */
export function withNote(notes: readonly Note[], note: Note): Note[] {
  return [...notes.filter(({ code }) => code !== note.code), note];
}
