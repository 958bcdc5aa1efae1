import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deploymentStates, type Deployment, type GithubStatus } from '../../../src/domain/deployment.ts';
import { githubStatus, queuedReportDue, statusDescription } from '../../../src/domain/github-status.ts';
import { at, deployment, live } from './comment-facts.ts';

const running = { now: at(700), crashed: false };

test('a deployment that waits is reported as queued only after 10 s', () => {
  const waiting = deployment({ createdAt: at(0) });
  assert.equal(githubStatus(waiting, { now: at(10), crashed: false }), null);
  assert.equal(githubStatus(waiting, { now: at(10.001), crashed: false }), 'queued');
  assert.deepEqual(queuedReportDue(waiting), at(10));
});

test('each state has its status', () => {
  const expected: Record<Deployment['state'], GithubStatus> = {
    queued: 'queued', building: 'in_progress', built: 'in_progress', starting: 'in_progress', live: 'success',
    superseded: 'inactive', failed: 'failure', error: 'error', cancelled: 'inactive', removed: 'inactive',
  };
  for (const state of deploymentStates) assert.equal(githubStatus(deployment({ state, buildStartedAt: state === 'queued' ? null : at(1) }), running), expected[state], state);
});

test('a restart or a further attempt does not take back what was said', () => {
  for (const reportedStatus of ['success', 'error', 'failure'] as const) {
    for (const state of ['queued', 'building', 'built', 'starting'] as const) {
      assert.equal(githubStatus(deployment({ state, reportedStatus, githubDeploymentId: 9 }), running), reportedStatus, `${state} after ${reportedStatus}`);
    }
  }
  assert.equal(githubStatus(deployment({ state: 'building', reportedStatus: 'queued' }), running), 'in_progress');
  assert.equal(githubStatus(deployment({ state: 'queued', reportedStatus: 'in_progress' }), running), 'in_progress');
});

test('a crashed live version is a failure until it is live again', () => {
  assert.equal(githubStatus(live({ state: 'built', reportedStatus: 'success' }), { ...running, crashed: true }), 'failure');
  assert.equal(githubStatus(live({ reportedStatus: 'failure' }), running), 'success');
});

test('one that was overtaken before anybody could hear of it is never mentioned', () => {
  assert.equal(githubStatus(deployment({ state: 'cancelled', endedAt: at(0.2) }), running), null);
  assert.equal(githubStatus(deployment({ state: 'cancelled', endedAt: at(11) }), running), 'inactive');
  assert.equal(githubStatus(deployment({ state: 'cancelled', endedAt: at(5), buildStartedAt: at(1) }), running), 'inactive');
  assert.equal(githubStatus(deployment({ state: 'cancelled', endedAt: at(5), githubDeploymentId: 3 }), running), 'inactive');
});

test('a status says in a sentence what happened', () => {
  const failure = { code: 'build-failed', fault: 'app', what: 'The build failed at [3/4] RUN npm run build', why: '', next: '' } as const;
  assert.equal(statusDescription('error', deployment({ state: 'error', failure: { ...failure, code: 'engine', fault: 'us' } })), `${failure.what}; it is tried again`);
  assert.equal(statusDescription('error', deployment({ state: 'error', failure: { ...failure, code: 'engine-too-old', fault: 'us' } })), failure.what);
  assert.equal(statusDescription('queued', deployment()), 'Waits for its turn to be built');
  assert.equal(statusDescription('in_progress', deployment({ state: 'building' })), 'Building');
  assert.equal(statusDescription('in_progress', deployment({ state: 'starting' })), 'Starting');
  assert.equal(statusDescription('success', live()), 'Ready in 12 s');
  assert.equal(statusDescription('success', live({ state: 'built' })), 'At rest');
  assert.equal(statusDescription('failure', deployment({ failure })), 'The build failed at [3/4] RUN npm run build');
  assert.equal(statusDescription('error', deployment({ failure })), 'The build failed at [3/4] RUN npm run build; it is tried again');
  assert.equal(statusDescription('inactive', live({ state: 'superseded' })), 'A newer version took its place');
  assert.equal(statusDescription('inactive', live({ state: 'removed' })), 'The preview was removed');
});

test('a description never exceeds 140 characters, nor half a character, nor a line', () => {
  for (const what of ['x'.repeat(500), '🚀'.repeat(200), 'a\n\u001b[31mb'.repeat(100)]) {
    for (const status of ['failure', 'error'] as const) {
      const text = statusDescription(status, deployment({ failure: { code: 'internal', fault: 'us', what, why: '', next: '' } }));
      assert.ok(text.length <= 140 && text.isWellFormed(), text);
      assert.match(text, /^[^\n\p{Cc}]+$/u);
    }
  }
});
