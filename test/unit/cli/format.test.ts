import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { logText, previewsText, previewText, setAsideText, sweepPlanText, sweepText } from '../../../src/cli/format.ts';
import type { PreviewRow } from '../../../src/cli/operations.ts';
import { tableText } from '../../../src/cli/table.ts';

const running: PreviewRow = {
  hostLabel: 'project-1-feature-a',
  url: 'https://project-1-feature-a.kosuke.ai',
  repository: 'acme/shop',
  ref: 'feature/a',
  pulls: [12, 13],
  state: 'running', setAside: null,
  live: { deployment: 7, sha: 'abc1234def5678900000000000000000000000aa' },
  latest: { deployment: 8, sha: 'def5678abc1234500000000000000000000000bb', state: 'building', at: '2026-11-23T09:30:00.000Z' },
};
const waiting: PreviewRow = { ...running, hostLabel: 'project-1-pr-7', url: 'https://project-1-pr-7.kosuke.ai', ref: 'pr-7', pulls: [], state: 'waiting_approval', live: null, latest: null };

test('on a terminal the list is a table under heads', () => {
  assert.equal(
    previewsText([running, waiting], 120),
    [
      'PREVIEW                                STATE               VERSION  REPOSITORY  BRANCH',
      'https://project-1-feature-a.kosuke.ai  running (building)  abc1234  acme/shop   feature/a (#12, #13)',
      'https://project-1-pr-7.kosuke.ai       waiting approval    -        acme/shop   pr-7',
      '',
    ].join('\n'),
  );
});

test('addresses that do not name their preview stand beside its name, and a preview without one is said to have none', () => {
  const atPort = { ...running, url: 'http://127.0.0.1:23456' };
  const nowhere = { ...waiting, url: null };
  assert.equal(
    previewsText([atPort, nowhere], 120),
    [
      'PREVIEW              ADDRESS                 STATE               VERSION  REPOSITORY  BRANCH',
      'project-1-feature-a  http://127.0.0.1:23456  running (building)  abc1234  acme/shop   feature/a (#12, #13)',
      'project-1-pr-7       -                       waiting approval    -        acme/shop   pr-7',
      '',
    ].join('\n'),
  );
  assert.equal(previewsText([nowhere], null), 'project-1-pr-7\t-\twaiting approval\t-\tacme/shop\tpr-7\n');
  assert.equal(previewText(atPort), 'project-1-feature-a is running (building). http://127.0.0.1:23456\n');
  assert.equal(previewText(nowhere), 'project-1-pr-7 is waiting approval.\n');
});

test('piped, each preview is one line of values with tabs between', () => {
  assert.equal(previewsText([running], null), 'https://project-1-feature-a.kosuke.ai\trunning (building)\tabc1234\tacme/shop\tfeature/a (#12, #13)\n');
  assert.equal(previewsText([], null), '');
  assert.equal(previewsText([], 80), 'There are no previews.\n');
});

test('what is set aside is marked in the list, and below it stands why and what takes it up again', () => {
  const aside = { ...running, setAside: 'The Docker Engine failed while removing a container: no.\u001b[2J' };
  assert.match(previewsText([aside], 160), /running \(building\) \(set aside\)/);
  assert.equal(
    setAsideText([aside, waiting], [{ event: 'push', error: 'it threw' }]),
    [
      'project-1-feature-a is set aside and tried once an hour: The Docker Engine failed while removing a container: no. `npx kosuke-preview redeploy project-1-feature-a` takes it up again.',
      'A webhook was set aside, the last (push) because: it threw. The sweep makes up for it.',
      '',
    ].join('\n'),
  );
  assert.equal(setAsideText([running], []), '');
});

test('what a sweep would do is a table; when that is nothing, a terminal hears so', () => {
  const steps = [
    { subject: 'project-1-feature-a', repository: 'acme/shop', ref: 'feature/a', plan: ['build abc1234', 'make its network'] },
    { subject: 'kosuke-preview-project-9-x-3', repository: '', ref: '', plan: ['remove the container, which has no row'] },
  ];
  assert.equal(
    sweepPlanText({ looked: 2, steps, problems: [] }, 120),
    [
      'PREVIEW                       REPOSITORY  BRANCH     WOULD',
      'project-1-feature-a           acme/shop   feature/a  build abc1234, make its network',
      'kosuke-preview-project-9-x-3  -           -          remove the container, which has no row',
      '',
    ].join('\n'),
  );
  assert.equal(sweepPlanText({ looked: 1, steps: [], problems: [] }, 80), 'Nothing would be done: 1 preview is as it should be.\n');
  assert.equal(sweepPlanText({ looked: 3, steps: [], problems: [] }, 80), 'Nothing would be done: 3 previews are as they should be.\n');
  assert.equal(sweepPlanText({ looked: 3, steps: [], problems: [] }, null), '');
});

test('property: no line of a table is wider than the terminal, unless the terminal is very narrow', () => {
  const rows = fc.array(fc.array(fc.string({ maxLength: 60 }), { minLength: 4, maxLength: 4 }), { maxLength: 6 });
  fc.assert(
    fc.property(rows, fc.integer({ min: 40, max: 200 }), (cells, width) => {
      for (const line of tableText(['A', 'B', 'C', 'D'], cells, width).split('\n')) assert.ok(line.length <= width, line);
    }),
  );
});

test('a value that is cut ends in …', () => {
  assert.equal(tableText(['NAME', 'X'], [['a'.repeat(50), 'y']], 20), `NAME               X\n${'a'.repeat(16)}…  y\n`);
});

test('what comes from outside cannot steer the terminal, nor break a row', () => {
  const evil = { ...running, ref: 'a\u001b[2J\u001b]0;title\u0007b\nc\td', pulls: [] };
  assert.match(previewsText([evil], null), /\tab c d\n$/);
  assert.equal(logText([{ at: '2026-11-23T09:30:00.000Z', step: null, stream: 'stdout', text: '\u001b[31mred\u001b[0m\u0007' }]), 'red\n');
  assert.equal(previewText({ ...running, url: 'https://x\u001b[2J' }), 'project-1-feature-a is running (building). https://x\n');
});

test('a sweep says what it found, and each problem in a line', () => {
  assert.equal(sweepText({ looked: 3, kicked: 1, requests: 402, free: 401, problems: [] }), 'Looked at 3 previews; 1 of them is looked up at GitHub.\nIt took 402 requests to GitHub, 401 of them free.\n');
  assert.equal(sweepText({ looked: 1, kicked: 0, requests: 1, free: 0, problems: ['acme/shop could not be read.'] }), 'Looked at 1 preview; 0 of them are looked up at GitHub.\nIt took 1 request to GitHub, 0 of them free.\nacme/shop could not be read.\n');
});
