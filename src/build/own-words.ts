/**
 * An error of BuildKit without what it repeats of the repository: commands, quoted texts, names of files and images. What is left are the words of the engine, which may tell
 * whose doing the error is.
 */
export function ownWords(error: string): string {
  const engines = afterLast(beforeLast(error, ': unknown'), commandBegins, ']: ');
  const unquoted = engines.replaceAll(/"(?:\\.|[^"\\])*"?/gs, '""').replaceAll(/(?<=^|[\s(:=])'[^']*'/g, "''");
  return withoutFile(unquoted)
    .split(/(\s+)/)
    .map((word) => (word.includes('/') && !/^(?:i\/o|input\/output)(?:$|[:,])/.test(word) ? (word.endsWith(':') ? '/:' : '/') : word))
    .join('');
}

/** `executor failed running [/bin/sh -c npm ci]: exit code: 1`, in the words of Docker Engine 20.10. */
const commandBegins = 'executor failed running [';

function beforeLast(text: string, end: string): string {
  return text.endsWith(end) ? text.slice(0, -end.length) : text;
}

/** Without what is between the first `from` and the last `to`. */
function afterLast(text: string, from: string, to: string): string {
  const begins = text.indexOf(from);
  const ends = text.lastIndexOf(to);
  return begins < 0 || ends < begins ? text : text.slice(0, begins + from.length) + text.slice(ends);
}

/** Go names what failed, on which file, and why: `lstat /a: b: no such file or directory`. A name may hold anything, so the reason is what comes last. */
function withoutFile(text: string): string {
  const named = /\b(?:l?stat|open(?:at)?|mkdir|mknod|readlink|write|read|l?chown|chmod|remove|rename|link|symlink|unlink(?:at)?|copy_file_range|truncate|fsync|utimensat) (?=\/)/.exec(text);
  if (named === null) return text;
  const reason = text.lastIndexOf(': ');
  return reason < named.index ? text : text.slice(0, named.index) + text.slice(reason);
}
