/**
 * A reporter for `node --test` that writes one line of JSON for each thing that counts, as it happens, so that the
 * counts hold even when the run has to be killed. See counts.mjs for what is made of them.
 * @param {AsyncIterable<import('node:test/reporters').TestEvent>} events
 * @returns {AsyncGenerator<string>} lines `{"kind": "passed" | "failed" | "left" | "empty" | "ended", "file": string, "name": string}`
 */
export default async function* countReporter(events) {
  for await (const { type, data } of events) {
    const kind = kindOf(type, data);
    if (kind !== undefined) yield `${JSON.stringify({ kind, file: data.file, name: data.name })}\n`;
  }
}

function kindOf(type, data) {
  if (type === 'test:summary' && data.file !== undefined) return 'ended';
  if (type !== 'test:pass' && type !== 'test:fail') return undefined;
  const suite = data.details.type === 'suite';
  // A suite fails with its tests, which are counted themselves; on its own it fails by a hook.
  if (suite) return type === 'test:fail' && data.details.error?.failureType === 'hookFailed' ? 'failed' : undefined;
  // A file without any test is reported as one test that passed and has the file's name.
  if (type === 'test:pass' && data.nesting === 0 && data.file.endsWith(`/${data.name}`)) return 'empty';
  if (type === 'test:fail') return 'failed';
  const left = [data.skip, data.todo].some((mark) => mark !== undefined && mark !== false);
  return left ? 'left' : 'passed';
}
