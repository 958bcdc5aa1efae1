import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isHandled } from '../../../src/github/events.ts';

const handled: Record<string, readonly (string | null)[]> = {
  push: [null],
  pull_request: ['opened', 'reopened', 'synchronize', 'edited', 'closed', 'ready_for_review', 'converted_to_draft', 'labeled', 'unlabeled'],
  create: [null],
  delete: [null],
  installation: ['created', 'deleted', 'suspend', 'unsuspend'],
  installation_repositories: ['added', 'removed'],
  repository: ['renamed', 'transferred', 'deleted', 'publicized', 'privatized'],
};
const ignored: Record<string, readonly (string | null)[]> = {
  pull_request: ['assigned', 'review_requested', null],
  repository: ['archived', 'edited'],
  star: ['created'],
  ping: [null],
  constructor: [null],
};

describe('what GitHub sends', () => {
  for (const [event, actions] of Object.entries(handled)) {
    it(`is acted on when it is ${event}`, () => {
      for (const action of actions) assert.equal(isHandled(event, action === null ? {} : { action }), true, `${event}.${action}`);
    });
  }

  it('is left alone when it is anything else', () => {
    for (const [event, actions] of Object.entries(ignored)) {
      for (const action of actions) assert.equal(isHandled(event, action === null ? {} : { action }), false, `${event}.${action}`);
    }
    for (const payload of [null, 'opened', { action: 7 }]) assert.equal(isHandled('pull_request', payload), false);
  });
});
