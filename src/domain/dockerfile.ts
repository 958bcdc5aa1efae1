import { KosukeError } from './errors.ts';

/**
 * A Dockerfile as it is built: each `# syntax=docker/dockerfile…` among its leading directives is blanked (the engine's own frontend
 * reads the file, and none is pulled), with a note. Throws `KosukeError` (`syntax-directive`) when the file asks for another
 * frontend, which would be a program of somebody's choice that runs outside the build, or when its directives take more than 64 KiB.
 *
 * The text keeps its lines, so that errors name the right one. The other directives move to the top and the blanked lines below them: for the engine, no directive
 * comes after a line that is none. Instructions stay where they are.
 *
 * What counts as a directive here is never less than what counts for the engine (moby/buildkit `frontend/dockerfile/parser/directives.go`):
 * lines end at `\n` and nowhere else, a byte order mark and a `#!` line come before, `//` does as well as `#`, and the whole file may be JSON. A blanked line is a
 * comment without text: it is no directive, no mark and no JSON, so that what comes after it is read as less, never as more.
 */
export function checkDockerfile(text: string): { text: string; note: string | null } {
  const kept: string[] = [];
  let blanked = 0;
  let ending = '';
  let note: string | null = null;
  let at = 0;
  for (;;) {
    // As if what is blanked were not there: then the next line is the first one, of which the engine takes off a mark and leaves out a `#!`.
    if (kept.length === 0) at = afterMarks(text, at);
    const end = lineEnd(text, at);
    const line = text.slice(at, end);
    const directive = directivePattern.exec(line);
    const shebang = kept.length === 0 && line.startsWith('#!');
    if (at === text.length || (directive === null && !shebang)) break;
    if (end > directivesLimit) throw refused('The Dockerfile begins with too many directives', 'lines of the form `# name=value` take more than 64 KiB', 'Remove them');
    if (!shebang && directive?.[1]!.toLowerCase() === 'syntax') {
      const frontend = directive[2]!.trim();
      if (!ownFrontend.test(frontend)) throw otherFrontend(frontend);
      note ??= `The line "${cut(line.trim())}" is not honoured: the Dockerfile frontend of this server's Docker Engine reads the file`;
      blanked += 1;
    } else {
      kept.push(line);
    }
    ending = line.endsWith('\n') ? '\n' : '';
    at = end;
  }
  const rest = text.slice(at);
  if (kept.every((line) => line.startsWith('#!')) && /^\s*\{/.test(rest)) throw otherFrontend('one in JSON');
  if (blanked === 0) return { text: kept.join('') + rest, note };
  const lines = [...kept.map((line) => line.replace(/\n$/, '')), ...Array.from({ length: blanked }, () => '#')];
  return { text: `${lines.join('\n')}${ending}${rest}`, note };
}

const directivesLimit = 64 * 1024;

/** Name and value; `[^\n]` because `.` ends at `\r`, U+2028 and U+2029, too. Each part begins with what the one before cannot hold: linear. */
const directivePattern = /^\s*(?:#|\/\/)\s*([A-Za-z][A-Za-z0-9]*)\s*=([^\n]*)\n?$/;
const ownFrontend = /^(?:docker\.io\/)?docker\/dockerfile(?:[:@-][\w.:@-]*)?$/;

function afterMarks(text: string, from: number): number {
  let at = from;
  while (text[at] === '\uFEFF') at += 1;
  return at;
}

/** The place after the line's `\n`, or the end of the text. */
function lineEnd(text: string, from: number): number {
  const feed = text.indexOf('\n', from);
  return feed < 0 ? text.length : feed + 1;
}

function otherFrontend(frontend: string): KosukeError {
  return refused(
    'The Dockerfile asks for a build frontend of its own',
    `its syntax directive names ${cut(frontend)}, and only docker/dockerfile is taken`,
    'Remove the syntax directive from the Dockerfile',
  );
}

function refused(what: string, why: string, next: string): KosukeError {
  return new KosukeError({ code: 'syntax-directive', fault: 'app', what, why, next: `${next} and push.` });
}

function cut(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}…`.toWellFormed() : text;
}
