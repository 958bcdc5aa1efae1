import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSurvey } from '../../../src/git/survey.ts';

test('submodules are listed however many small files come before them', () => {
  const survey = createSurvey();
  for (let at = 0; at < 2_000; at += 1) survey.see({ mode: '100644', id: `${at}`, bytes: 130, path: `${'x'.repeat(300)}${at}` });
  survey.see({ mode: '160000', id: 'z', bytes: 0, path: 'z/lib' });
  const { submodules, small, smallCount } = survey.result();
  assert.deepEqual([submodules, smallCount], [['z/lib'], 2_000]);
  assert.ok(small.length < 2_000);
});
