/**
 * Whether an image says that its entrypoint must be process 1, by the program that it runs first: the inits of s6-overlay, runit, systemd and the like. A shell that
 * execs one counts.
 */
export function mustBeProcessOne(command: readonly string[]): boolean {
  const [first = '', second = '', text = ''] = command;
  const shell = shells.has(nameOf(first)) && second === '-c';
  const program = shell ? (/^\s*(?:exec\s+)?(\S+)/.exec(text)?.[1] ?? '') : first;
  return inits.has(nameOf(program));
}

/** Whether a program that ended says that it could only have run as process 1. */
export function missedProcessOne(logTail: string): boolean {
  return saysSo.test(logTail);
}

const shells: ReadonlySet<string> = new Set(['sh', 'bash', 'ash', 'dash']);
const inits: ReadonlySet<string> = new Set(['init', 's6-svscan', 's6-linux-init', 's6-overlay-init', 'systemd', 'my_init', 'runit', 'runit-init', 'openrc-init', 'finit']);

/** `s6-overlay-suexec: fatal: can only run as pid 1`, `must be run as PID 1`, `init: not running as process 1`, and what SysV's init says of telinit. */
const saysSo = /\b(?:only|must|need(?:s|ed)?|has to|have to|not|isn't)\b[^\n]{0,40}\b(?:pid|process)\s*(?:id\s*)?(?:=+|is|number|no\.?)?\s*1\b|couldn't find an alternative telinit/i;

function nameOf(program: string): string {
  return program.slice(program.lastIndexOf('/') + 1);
}
