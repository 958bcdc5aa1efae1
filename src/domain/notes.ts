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

/** The app was started once more with the port on which it listens. Nothing is advised that stands there already. */
export function portFoundNote({ port, expected, exposedPorts }: { port: number; expected: number; exposedPorts: readonly number[] }): Note {
  const others = exposedPorts.filter((other) => other !== port);
  const expose = !exposedPorts.includes(port)
    ? `, or when the image exposes port ${port} and no other`
    : others.length === 0 ? '' : `, or when the image exposes port ${port} alone (what its base image exposes cannot be taken back)`;
  return {
    code: 'port-found',
    text: `The app listens on port ${port}, not on ${expected}, where it was expected: it was started once more with port ${port}, and the next version of this branch begins with that. `
      + `The first start is quicker when the app listens on the port in the variable \`PORT\`${expose}.`,
  };
}

export const withoutInitNote: Note = {
  code: 'without-init',
  text: 'The program of this image must be process 1 in its container: under the init of the Docker Engine it ended at once, and it was started once more without. The next version of this branch begins so.',
};

export function tlsPortNote(port: number): Note {
  return {
    code: 'tls-port',
    text: `The app answers on port ${port} that it expects TLS there. Visitors reach it in plain HTTP, for TLS ends at Traefik: let the app serve plain HTTP on the port in the variable \`PORT\`.`,
  };
}
