import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { describe, test } from 'node:test';
import { choose, stages } from '../../../scripts/test/stages.mjs';

const FILES: Record<string, string[]> = {
  'test/unit': ['test/unit/domain/host.test.ts', 'test/unit/domain/plan.test.ts', 'test/unit/scripts/line.test.ts'],
  'test/integration': ['test/integration/store.test.ts'],
  'test/e2e': [],
};

describe('what npm test runs', () => {
  test('is every stage in order without a filter, a folder without tests too', () => {
    const { chosen, unknown } = chose();
    assert.deepEqual(chosen.map(([name]) => name), stages.map(({ name }) => name));
    assert.deepEqual(chosen.at(-1), ['e2e', []]);
    assert.deepEqual(unknown, []);
  });

  test('is one stage by its name', () => {
    assert.deepEqual(chose('unit'), { chosen: [['unit', FILES['test/unit']]], unknown: [] });
    assert.deepEqual(chose('lint'), { chosen: [['lint', []]], unknown: [] });
    assert.deepEqual(chose('e2e'), { chosen: [['e2e', []]], unknown: [] });
  });

  test('is one file by its path, or the files of a folder, however written', () => {
    const one = { chosen: [['unit', ['test/unit/domain/plan.test.ts']]], unknown: [] };
    assert.deepEqual(chose('test/unit/domain/plan.test.ts'), one);
    assert.deepEqual(chose('./test/unit/domain/plan.test.ts'), one);
    assert.deepEqual(chose('/app/test/unit/domain/plan.test.ts'), one);
    assert.deepEqual(chose('test/unit/domain/'), { chosen: [['unit', FILES['test/unit']?.slice(0, 2)]], unknown: [] });
  });

  test('is the suite of the store once for each database, but what is about the embedded one alone', () => {
    const store = 'test/integration/store';
    const files = [`${store}/leases.test.ts`, `${store}/upkeep.test.ts`];
    const { chosen } = choose([store], (folder) => (store.startsWith(folder) ? files : []), '/app');
    const shown = chosen.map(({ stage, files }) => [stage.name, files, 'env' in stage ? stage.env : undefined]);
    assert.deepEqual(shown, [
      ['integration', files, undefined],
      ['postgres', files.slice(0, 1), { KOSUKE_TEST_DATABASE: 'postgres' }],
    ]);
  });

  test('leaves out only files that are there', () => {
    const left = stages.flatMap((stage) => ('folder' in stage ? (stage.except ?? []).map((name) => `${stage.folder}/${name}`) : []));
    assert.ok(left.length > 0);
    assert.deepEqual(left.filter((file) => !existsSync(new URL(`../../../${file}`, import.meta.url))), []);
  });

  test('names the filters that match nothing', () => {
    assert.deepEqual(chose('unit', 'test/unit/dom', 'nothing').unknown, ['test/unit/dom', 'nothing']);
  });
});

function chose(...filters: string[]) {
  const { chosen, unknown } = choose(filters, (folder) => FILES[folder] ?? [], '/app');
  return { chosen: chosen.map(({ stage, files }) => [stage.name, files]), unknown };
}
