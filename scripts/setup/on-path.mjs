import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { machineEnvironment } from './run.mjs';

/** Whether the machine has that command. @param {string} command @returns {boolean} */
export function onPath(command) {
  return machineEnvironment().PATH.split(delimiter).some((directory) => {
    try {
      accessSync(join(directory, command), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
