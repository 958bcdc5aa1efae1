import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { it } from 'node:test';
import { parse } from 'yaml';
import { handledEvents } from '../../../src/github/events.ts';

type Manifest = { public: boolean; default_events: string[]; default_permissions: Record<string, string>; hook_attributes: { url: string } };

const manifest = parse(await readFile(new URL('../../../app.yml', import.meta.url), 'utf8')) as Manifest;

/** GitHub sends these to every App, and refuses a manifest that names them. */
const unasked = new Set(['installation', 'installation_repositories']);

it('subscribes to every event that has a handler, and to no installation events', () => {
  const subscribed = new Set(manifest.default_events);
  const missing = Object.keys(handledEvents).filter((event) => !subscribed.has(event) && !unasked.has(event));
  assert.deepEqual(missing, []);
  assert.deepEqual(manifest.default_events.filter((event) => unasked.has(event)), []);
});

it('asks for the events and permissions of the contract and for nothing else', () => {
  assert.deepEqual(manifest.default_events.toSorted(), ['create', 'delete', 'issue_comment', 'pull_request', 'push', 'repository']);
  assert.deepEqual(manifest.default_permissions, {
    contents: 'read',
    metadata: 'read',
    deployments: 'write',
    pull_requests: 'write',
    issues: 'read',
  });
});

it('is not public', () => {
  assert.equal(manifest.public, false);
});

it('sends webhooks to where they are taken in', () => {
  assert.equal(new URL(manifest.hook_attributes.url).pathname, '/api/github/webhooks');
});
