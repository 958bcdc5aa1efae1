/**
 * Whether an image says that its entrypoint must be process 1, by the program that it runs first: the inits of s6-overlay, runit, systemd and the like. Shells and small inits
 * that run one as their own command count.
 */
export function mustBeProcessOne(command: readonly string[]): boolean {
  const [first = '', ...others] = command;
  if (runners.has(nameOf(first))) {
    const [program = '', ...more] = others.filter((word) => !word.startsWith('-'));
    return mustBeProcessOne([...program.replace(/^\s*exec\s+/, '').split(/\s+/), ...more].slice(0, 1));
  }
  return inits.has(nameOf(first));
}

/** Whether a program that ended says that it could only have run as process 1. */
export function missedProcessOne(logTail: string): boolean {
  return saysSo.test(logTail);
}

const runners: ReadonlySet<string> = new Set(['sh', 'bash', 'ash', 'dash', 'tini', 'dumb-init', 'docker-init', 'catatonit']);
const inits: ReadonlySet<string> = new Set(['init', 's6-svscan', 's6-linux-init', 's6-overlay-init', 'systemd', 'my_init', 'runit', 'runit-init', 'openrc-init', 'finit']);

/**
 * `s6-overlay-suexec: fatal: can only run as pid 1`, `must be run as PID 1`, `init: not running as process 1`, and what systemd and SysV's init say when they are not. Of other
 * processes numbered 1, as in "process 1 of 4", nothing is meant.
 */
const saysSo =
  /\b(?:only|must|needs? to|has to|not) (?:be )?(?:run(?:ning)?|start(?:ed)?|be|is) ?(?:as )?(?:pid|process)(?: id| number| no\.?)? ?=* ?1\b(?! of)|couldn't find an alternative telinit|trying to run as user instance, but the system has not been booted/i;

function nameOf(program: string): string {
  return program.slice(program.lastIndexOf('/') + 1);
}
