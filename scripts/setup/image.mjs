import { createReadStream } from 'node:fs';
import { callEngine, EngineFailure } from './engine-api.mjs';
import { run } from './run.mjs';

/** Label of an image that was built here in place of the one of that name. Not ours to refuse: no `kosuke.` prefix. */
const STAND_IN = 'io.kosuke-preview.stand-in';

/**
 * @param {string} name
 * @returns {Promise<'none' | 'image' | 'stand-in'>} what the engine has under that name
 */
export async function imagePresent(name) {
  try {
    const image = JSON.parse(await callEngine('GET', `/images/${name}/json`));
    return image.Config?.Labels?.[STAND_IN] === 'true' ? 'stand-in' : 'image';
  } catch (error) {
    if (error instanceof EngineFailure && error.status === 404) return 'none';
    throw error;
  }
}

/**
 * Pulls an image. A registry that has not said a word after 10 s is taken for one that cannot be reached.
 * @param {string} name with its tag
 * @param {AbortSignal} signal
 * @returns {Promise<{ pulled: true } | { pulled: false, reachable: boolean, why: string }>}
 */
export async function pullImage(name, signal) {
  const [repository, tag] = name.split(':');
  const silence = new AbortController();
  const patience = setTimeout(() => silence.abort(), 10_000);
  let heard = false;
  try {
    await callEngine('POST', `/images/create?${new URLSearchParams({ fromImage: repository, tag })}`, {
      seconds: 600,
      signal: AbortSignal.any([signal, silence.signal]),
      onData: (text) => {
        heard ||= text.includes('Pulling from');
        if (heard) clearTimeout(patience);
      },
    });
    return { pulled: true };
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof EngineFailure)) throw error;
    const refused = /manifest unknown|not found|denied|toomanyrequests|unauthorized/i.test(error.message);
    return { pulled: false, reachable: heard || refused, why: silence.signal.aborted ? 'the registry did not answer within 10 s' : error.message };
  } finally {
    clearTimeout(patience);
  }
}

/**
 * Makes an image of one layer from a directory, marked as a stand-in.
 * @param {import('./run.mjs').Job} job
 * @param {string} name with its tag
 * @param {string} directory the image's root; owners are kept
 * @param {string} archive path of a file that may be written on the way
 * @param {string[]} changes Dockerfile lines: CMD, ENTRYPOINT, ENV
 */
export async function importImage(job, name, directory, archive, changes) {
  await run(job, 'tar', ['--numeric-owner', '-C', directory, '-cf', archive, '.'], { seconds: 300 });
  const [repo, tag] = name.split(':');
  const query = new URLSearchParams({ fromSrc: '-', repo, tag });
  for (const change of [...changes, `LABEL ${STAND_IN}=true`]) query.append('changes', change);
  await callEngine('POST', `/images/create?${query}`, { body: createReadStream(archive), seconds: 300, signal: job.signal });
}
