/**
 * A reporter for `node --test` that writes one line of JSON for each thing that counts, as it happens, so that the
 * counts hold even when the run has to be killed. See counts.mjs for what is made of them.
 * @param {AsyncIterable<import('node:test/reporters').TestEvent>} events
 * @returns {AsyncGenerator<string>} lines `{"kind": "passed" | "failed" | "left" | "empty" | "broken" | "ended", "file": string, "name": string}`
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
  // A whole file is reported as a test of its own name: passed when it holds no test, failed when it broke.
  if (data.nesting === 0 && data.file.endsWith(`/${data.name}`)) return type === 'test:pass' ? 'empty' : 'broken';
  if (type === 'test:fail') return 'failed';
  const left = [data.skip, data.todo].some((mark) => mark !== undefined && mark !== false);
  return left ? 'left' : 'passed';
}
