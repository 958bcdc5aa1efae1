import { KosukeError } from './errors.ts';

/**
 * A Dockerfile as it is built: a `# syntax=docker/dockerfile…` directive is taken out (the engine's own frontend reads the file, and
 * none is pulled), with a note for the log. Throws `KosukeError` (`syntax-directive`) when the file asks for another frontend: that
 * would be a program of somebody's choice that runs outside the build. Source: moby/buildkit `frontend/dockerfile/parser/directives.go`.
 */
export function checkDockerfile(text: string): { text: string; note: string | null } {
  const lines = text.replace(/^\uFEFF/, '').split('\n');
  for (const [index, line] of lines.entries()) {
    if (index === 0 && line.startsWith('#!')) continue;
    const directive = /^\s*(?:#|\/\/)\s*([A-Za-z][A-Za-z0-9]*)\s*=\s*(.+?)\s*$/.exec(line);
    if (directive === null) break;
    if (directive[1]!.toLowerCase() !== 'syntax') continue;
    const frontend = directive[2]!;
    if (!/^(?:docker\.io\/)?docker\/dockerfile(?:[:@-][\w.:@-]*)?$/.test(frontend)) throw otherFrontend(frontend);
    const rest = checkDockerfile(lines.toSpliced(index, 1).join('\n'));
    return { text: rest.text, note: `The line "${line.trim()}" is left out: the engine's own Dockerfile frontend is used` };
  }
  if (/^\s*\{/.test(lines[0] ?? '')) throw otherFrontend('one named in JSON');
  return { text: lines.join('\n'), note: null };
}

function otherFrontend(frontend: string): KosukeError {
  return new KosukeError({
    code: 'syntax-directive',
    fault: 'app',
    what: 'The Dockerfile asks for a build frontend of its own',
    why: `its syntax directive names ${frontend}, and only docker/dockerfile is taken`,
    next: 'Remove the syntax directive from the Dockerfile and push.',
  });
}
