/**
 * Adds up what the reporter wrote.
 * @param {string} lines the reporter's file
 * @param {{ end: string | undefined, files: string[] }} run `end`: how the runner ended, undefined when with code 0;
 *   `files`: what it was given, absolute
 * @returns {{ passed: number, failed: number, complaints: string[] }} complaints are what the readable report does not
 *   show, a sentence each; each counts as one failure
 */
export function addUp(lines, { end, files }) {
  const records = lines.split('\n').filter((line) => line !== '').map((line) => JSON.parse(line));
  const passed = records.filter(({ kind }) => kind === 'passed').length;
  const failed = records.filter(({ kind }) => kind === 'failed' || kind === 'broken').length;
  const complaints = [
    ...records.filter(({ kind }) => kind === 'left').map(({ file, name }) => `${file}: "${name}" is skipped or still to do.`),
    ...records.filter(({ kind }) => kind === 'empty').map(({ file }) => `${file} holds no test.`),
  ];
  if (files.length === 0) complaints.push('No test file was found.');
  else if (passed + failed === 0) complaints.push('No test was executed.');

  const over = new Set(records.filter(({ kind }) => OVER.has(kind)).map(({ file }) => file));
  const open = files.filter((file) => !over.has(file));
  if (end !== undefined && open.length > 0) complaints.push(`The test runner ${end}; never over (something left open?): ${shortened(open)}.`);
  else if (end !== undefined && failed === 0) complaints.push(`The test runner ${end} although no test failed.`);
  return { passed, failed: failed + complaints.length, complaints };
}

const OVER = new Set(['ended', 'empty', 'broken']);

// The runner reports in order: the first is the one to look at, the rest may never have started.
function shortened(files) {
  return `${files.slice(0, 2).join(', ')}${files.length > 2 ? ` and ${files.length - 2} after them` : ''}`;
}
