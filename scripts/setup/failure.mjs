/**
 * A set-up step that cannot go on. The message is one sentence for a person: what failed, why, what to do.
 * `log` is the path of a file with the details, where there is one.
 */
export class SetupFailure extends Error {
  /**
   * @param {string} sentence
   * @param {{ log?: string, cause?: unknown }} [details]
   */
  constructor(sentence, { log, cause } = {}) {
    super(sentence, { cause });
    this.name = 'SetupFailure';
    this.log = log;
  }
}

/** The text of whatever was thrown. @param {unknown} thrown @returns {string} */
export function reasonOf(thrown) {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
