import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Preview, PreviewState } from '../../../src/domain/preview.ts';
import { previewStates } from '../../../src/domain/preview.ts';
import type { Found } from '../../../src/gate/find.ts';
import { htmlOf, textOf } from '../../../src/gate/render.ts';
import type { GateState } from '../../../src/gate/state.ts';
import { viewOf, type ViewFacts } from '../../../src/gate/view.ts';
import { sampleDeployment, samplePreview, sampleTime, sampleTimes } from './samples.ts';

const live = sampleDeployment({ id: 6, sha: 'b'.repeat(40), state: 'live', ...sampleTimes });
const found = (preview: Partial<Preview> = {}, versions: Partial<Found> = {}): Found => ({ preview: samplePreview(preview), latest: sampleDeployment(), live: null, asked: null, ...versions });
const factsOf = (state: GateState, of: Found | null): ViewFacts => ({
  state,
  host: 'project-1-feature-a.kosuke.ai',
  found: of,
  log: null,
  url: 'https://project-1-feature-a.kosuke.ai',
  now: sampleTime(10),
});
const view = (state: GateState, of: Found | null) => viewOf(factsOf(state, of));
const whole = 'The whole log is linked in the comment on the pull request.';
const failure = { code: 'exited' as const, fault: 'app' as const, what: 'The app ended at once', why: 'exit code 3', next: 'Look at the log.' };

describe('what the gate’s pages say', () => {
  it('has a page for every state', () => {
    const titles = Object.fromEntries(previewStates.map((state) => [state, view(state, found()).title]));
    assert.deepEqual(titles, {
      queued: 'Waiting for its turn',
      building: 'Building the preview',
      starting: 'Starting the preview',
      running: 'Almost there',
      asleep: 'Asleep',
      waking: 'Waking up',
      failed: 'This version did not come up',
      crashed: 'The app crashed',
      waiting_approval: 'Waiting for approval',
      refused: 'No preview is made for this',
      expired: 'This preview is gone',
      removed: 'This preview is gone',
    });
    assert.equal(view('unknown', null).title, 'There is no preview here');
    assert.equal(view('error', null).title, 'We cannot tell right now');
    assert.equal(view('replaced', found({}, { asked: live })).title, 'This version is no longer here');
  });

  it('says whose fault a failure is, what, why and what next', () => {
    const failed = (change: Partial<typeof failure> | { fault: 'us' } | { code: 'build-failed' }) =>
      view('failed', found({}, { latest: sampleDeployment({ state: 'failed', failure: { ...failure, ...change } }) }));
    assert.equal(failed({}).title, 'The app did not start');
    assert.equal(failed({ code: 'build-failed' }).title, 'The build failed');
    assert.equal(failed({ fault: 'us' }).title, 'We could not bring this up');
    assert.equal(failed({}).lead, 'The app ended at once.');
    assert.deepEqual(failed({}).more, ['exit code 3.', 'Look at the log.', whole]);
  });

  it('says how often an app crashed and with what code', () => {
    const crashed = (crashCount: number, exitCode: number | null) => view('crashed', found({ crashCount }, { live: { ...live, exitCode, failure: { ...failure, logTail: 'boom' } } }));
    assert.equal(crashed(4, 137).lead, 'It was started again and ended 4 times, the last time with exit code 137.');
    assert.equal(crashed(1, 1).lead, 'It ended, with exit code 1.');
    assert.equal(crashed(1, null).lead, 'It ended.');
    assert.equal(crashed(4, 1).tail, 'boom');
  });

  it('keeps the old version and the newer one apart', () => {
    const newer = (change: Parameters<typeof sampleDeployment>[0]) => view('running', found({}, { latest: sampleDeployment(change), live })).more;
    assert.deepEqual(newer({ state: 'building' }), ['Commit bbbbbbb is the one that is served; the newer 3f2c1aa is on its way.']);
    assert.deepEqual(newer({ state: 'failed', failure, endedAt: sampleTime(9) }), ['Commit bbbbbbb is the one that is served; the newer 3f2c1aa did not come up: The app ended at once.']);
    assert.deepEqual(view('running', found({}, { latest: live, live })).more, []);
  });

  it('offers to wake only what a person can wake', () => {
    const asleep = (asleepBecause: 'person' | 'suspended') => view('asleep', found({ wanted: { run: 'asleep', sha: 'a', reason: 'branch', asleepBecause } }));
    assert.equal(asleep('person').command, 'npx kosuke-preview wake project-1-feature-a');
    assert.equal(asleep('suspended').command, null);
  });

  it('says that it waits for room, or sleeps to make some', () => {
    const waits = { room: 'waits' } as const;
    assert.equal(view('queued', found(waits)).title, 'Waiting for room');
    assert.deepEqual([view('asleep', found(waits)).title, view('asleep', found(waits)).command], ['Waiting for room', null]);
    const slept = view('asleep', found({ wanted: { run: 'asleep', sha: 'a', reason: 'branch', asleepBecause: 'room' } }));
    assert.match(slept.lead, /was put to sleep to make room for others/);
    assert.equal(slept.command, 'npx kosuke-preview wake project-1-feature-a');
  });

  it('gives nobody the address of a log, and says to those who may see it where it is', async () => {
    const version = sampleDeployment({ failure, logToken: 'a-token-that-nobody-guesses' });
    for (const state of previewStates) {
      const facts = factsOf(state, found({ state }, { latest: version, live: version }));
      for (const page of [await htmlOf(viewOf(facts), facts), textOf(viewOf(facts), facts)]) assert.equal(page.includes(version.logToken), false, state);
    }
    const saying = (preview: Partial<Preview>) => previewStates.filter((state) => view(state, found({ state, ...preview })).more.includes(whole));
    assert.deepEqual(saying({}), ['building', 'starting', 'failed', 'crashed']);
    assert.deepEqual(saying({ pulls: [] }), [], 'a branch without a pull request has no comment');
  });

  it('lets nothing from outside be more than text, in any state', async () => {
    const evil = '\u001b]0;x\u0007<script>alert(1)</script>"\'\u202e';
    const hostile = (state: PreviewState): Found => {
      const version = sampleDeployment({ state: 'failed', failure: { ...failure, what: evil, why: evil, next: evil, logTail: evil } });
      const pulls = samplePreview().pulls.map((pull) => ({ ...pull, title: evil }));
      return { preview: samplePreview({ state, ref: { kind: 'branch', name: evil }, pulls }), latest: version, live: version, asked: null };
    };
    for (const state of previewStates) {
      const facts = factsOf(state, hostile(state));
      const page = await htmlOf(viewOf(facts), facts);
      assert.deepEqual(page.match(/<script\b/g), ['<script'], state);
      const forms = page + textOf(viewOf(facts), facts);
      for (const character of ['\u001b', '\u0007', '\u202e']) assert.equal(forms.includes(character), false, state);
    }
  });
});
