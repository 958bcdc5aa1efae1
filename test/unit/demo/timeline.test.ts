import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTimeline, type Step } from '../../../src/demo/timeline.ts';

const step = (ms: number, word: string, look?: Step['look']): Step => ({ at: new Date(ms), word, text: '', ...(look && { look }) });

function timelineOnPaper() {
  const shown: string[] = [];
  const timeline = createTimeline({
    line: (text) => void shown.push(text),
    step: ({ word }, ms) => void shown.push(`${ms} ${word}`),
    strong: (text) => text,
  });
  return { timeline, shown };
}

test('steps are shown in the order in which they happened, whenever they were found out', () => {
  const { timeline, shown } = timelineOnPaper();
  timeline.add(step(300, 'c'));
  timeline.add(step(100, 'a'));
  timeline.show(new Date(320));
  timeline.add(step(200, 'b'));
  assert.deepEqual(shown, []);
  timeline.show(new Date(460));
  assert.deepEqual(shown, ['100 a', '200 b']);
  timeline.finish();
  assert.deepEqual(shown, ['100 a', '200 b', '300 c']);
});

test('time counts from what a person did last, which stands apart', () => {
  const { timeline, shown } = timelineOnPaper();
  for (const one of [step(1_000, 'opened', 'begin'), step(1_040, 'webhook'), step(9_000, 'push', 'begin'), step(9_010, 'webhook')]) timeline.add(one);
  timeline.finish();
  assert.deepEqual(shown, ['', '0 opened', '40 webhook', '', '0 push', '10 webhook']);
});
