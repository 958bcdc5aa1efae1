import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildArgs } from '../../../src/domain/build-args.ts';

const facts = { commit: 'c0ffee', branch: 'feature/a', committedAt: 1_700_000_000 };
const names = (dockerfile: string) => Object.keys(buildArgs(dockerfile, facts)).toSorted();

test('a Dockerfile gets the commit, its branch and its time by the arguments that it declares, and by no other', () => {
  assert.deepEqual(buildArgs('ARG KOSUKE_BRANCH\nFROM x\nARG KOSUKE_COMMIT=none SOURCE_DATE_EPOCH\n', facts), {
    KOSUKE_COMMIT: 'c0ffee',
    KOSUKE_BRANCH: 'feature/a',
    SOURCE_DATE_EPOCH: '1700000000',
  });
  assert.deepEqual(names('FROM x\nRUN echo $KOSUKE_COMMIT\n'), []);
});

test('what declares one is an ARG of any stage, in every way to write it', () => {
  for (const dockerfile of [
    'FROM x\nFROM y\nARG KOSUKE_COMMIT\n',
    'FROM x\narg A B=1 KOSUKE_COMMIT="a b"\n',
    'FROM x\nARG A \\\n  # why\n  KOSUKE_COMMIT\n',
    '# escape=`\nFROM x\nARG A `\n  KOSUKE_COMMIT\n',
    'FROM x\nARG "KOSUKE_COMMIT"\r\n',
  ]) assert.deepEqual(names(dockerfile), ['KOSUKE_COMMIT'], dockerfile);
  for (const dockerfile of [
    'FROM x\nARG kosuke_commit\n',
    'FROM x\nARG KOSUKE_COMMITS A=KOSUKE_COMMIT\n',
    'FROM x\nENV KOSUKE_COMMIT=1\n',
    'FROM x\n# ARG KOSUKE_COMMIT\n',
    'FROM x\nRUN <<EOF\nARG KOSUKE_COMMIT\nEOF\n',
    'FROM x\nRUN true \\\n  ARG KOSUKE_COMMIT\n',
  ]) assert.deepEqual(names(dockerfile), [], dockerfile);
});
