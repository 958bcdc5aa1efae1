import { canInstall, install } from './debian.mjs';
import { reasonOf, SetupFailure } from './failure.mjs';
import { onPath } from './on-path.mjs';

/**
 * Makes sure of a `chromium` on PATH, with fonts that pages look right in (end-to-end tests only).
 * @param {import('./run.mjs').Job} job
 * @returns {Promise<string>} what there is now
 * @throws {SetupFailure}
 */
export async function readyChromium(job) {
  if (onPath('chromium')) return 'chromium, present';
  if (!canInstall()) throw new SetupFailure('The browser tests need `chromium` on PATH, and it can only be installed here on Debian as root: install Chromium, then try again.');
  try {
    await install(job, ['chromium', 'fonts-dejavu-core', 'fonts-inter', 'fonts-noto-color-emoji']);
  } catch (error) {
    throw new SetupFailure(`Chromium could not be installed (${reasonOf(error)}): look at the log, then try again.`, { log: job.log, cause: error });
  }
  return 'chromium and fonts, installed';
}
