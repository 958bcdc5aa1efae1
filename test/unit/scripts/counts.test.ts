import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runGroup } from '../../../scripts/setup/group.mjs';
import { addUp } from '../../../scripts/test/counts.mjs';

const reporter = fileURLToPath(new URL('../../../scripts/test/count-reporter.mjs', import.meta.url));
const place = realpathSync(mkdtempSync(join(tmpdir(), 'kosuke-counts-')));
after(() => rmSync(place, { recursive: true, force: true }));

describe('the count of a test run', () => {
  test('has each test once, suites and files not at all', async () => {
    const counts = await count({
      'a.test.mjs': "describe('suite', () => { test('one', () => {}); test('two', async (t) => { await t.test('inner', () => {}); }); });",
      'b.test.mjs': "test('three', () => {});",
    });
    assert.deepEqual(counts, { passed: 4, failed: 0, complaints: [] });
  });

  test('has a failing test, a failing hook and a file that does not load as failures', async () => {
    assert.deepEqual(await count({ 'fails.test.mjs': "describe('s', () => { test('x', () => { throw new Error('no'); }); });" }), { passed: 0, failed: 1, complaints: [] });
    assert.deepEqual(await count({ 'hook.test.mjs': "describe('s', () => { after(() => { throw new Error('no'); }); test('x', () => {}); });" }), { passed: 1, failed: 1, complaints: [] });
    assert.deepEqual(await count({ 'syntax.test.mjs': 'const = 1;' }), { passed: 0, failed: 1, complaints: [] });
    assert.deepEqual(await count({ 'exit.test.mjs': "test('x', () => {}); process.on('exit', () => { process.exitCode = 3; });" }), { passed: 1, failed: 1, complaints: [] });
  });

  // The marks are put together there, so that nobody who looks for them takes this file for one that leaves tests out.
  test('has what is skipped, still to do or empty as failures, and says so', async () => {
    const { passed, failed, complaints } = await count({
      'empty.test.mjs': '',
      'left.test.mjs': `const [skip, todo] = ['sk' + 'ip', 'to' + 'do']; test[skip]('s', () => {}); test[todo]('t'); test('u', (t) => t[skip]('because')); test('ok', () => {});`,
    });
    assert.deepEqual({ passed, failed }, { passed: 1, failed: 4 });
    assert.deepEqual(complaints.toSorted(), [
      `${place}/empty.test.mjs holds no test.`,
      `${place}/left.test.mjs: "s" is skipped or still to do.`,
      `${place}/left.test.mjs: "t" is skipped or still to do.`,
      `${place}/left.test.mjs: "u" is skipped or still to do.`,
    ]);
  });

  test('names the file that never ended when the run had to be killed, and keeps what was counted', async () => {
    const { passed, failed, complaints } = await count({
      'hangs.test.mjs': "test('x', () => {}); test('y', () => { throw new Error('no'); }); setInterval(() => {}, 1000);",
    }, 1);
    assert.deepEqual({ passed, failed }, { passed: 1, failed: 2 });
    assert.deepEqual(complaints, [`The test runner took longer than 1 s; never over (something left open?): ${place}/hangs.test.mjs.`]);
  });

  test('is a failure when there is no file, no test, or an end that no test explains', () => {
    assert.deepEqual(addUp('', { end: undefined, files: [] }), { passed: 0, failed: 1, complaints: ['No test file was found.'] });
    assert.deepEqual(addUp('', { end: undefined, files: ['/a'] }), { passed: 0, failed: 1, complaints: ['No test was executed.'] });
    const lines = '{"kind":"passed","file":"/a","name":"x"}\n{"kind":"ended","file":"/a"}\n';
    assert.deepEqual(addUp(lines, { end: 'ended with code 7', files: ['/a'] }), {
      passed: 1, failed: 1, complaints: ['The test runner ended with code 7 although no test failed.'],
    });
  });
});

async function count(sources: Record<string, string>, seconds = 30) {
  const files = Object.entries(sources).map(([name, source]) => {
    writeFileSync(join(place, name), `import { after, describe, test } from 'node:test';\n${source}\n`);
    return join(place, name);
  });
  const output = join(place, 'counts');
  const args = ['--test', `--test-reporter=${reporter}`, `--test-reporter-destination=${output}`, ...Object.keys(sources)];
  const env = { ...process.env, NODE_TEST_CONTEXT: undefined };
  const end = await runGroup(process.execPath, args, { seconds, env, cwd: place, stdio: 'ignore' });
  return addUp(readFileSync(output, 'utf8'), { end, files });
}
