import { readFileSync } from 'node:fs';

/**
 * What tells one life of a process id from the next: on Linux its start time in clock ticks since boot, elsewhere '0'.
 * @param {number} pid
 * @returns {string | undefined} undefined when no such process lives (a zombie does not)
 */
export function lifeOf(pid) {
  if (process.platform !== 'linux') return answersSignals(pid) ? '0' : undefined;
  const fields = statOf(pid);
  // proc(5): state is field 3, start time field 22; the name before them may hold blanks and brackets.
  return fields === undefined || fields[0] === 'Z' ? undefined : fields[19];
}

/** The name of a living process's program, at most 15 characters. @param {number} pid @returns {string | undefined} */
export function programOf(pid) {
  return lifeOf(pid) === undefined ? undefined : read(`/proc/${pid}/comm`)?.trim();
}

function statOf(pid) {
  const stat = read(`/proc/${pid}/stat`);
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
}

function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT' || error.code === 'ESRCH') return undefined;
    throw error;
  }
}

function answersSignals(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
}
