import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { capacityOf, needsRoom } from '../../../src/domain/room.ts';
import { asleep, deployment, emptyModel, nothing, running, type Model } from './plan/model.ts';

const memory = 512 * 1024 ** 2;

test('as many run as the smaller of the two limits allows, and it is known which', () => {
  const capacity = (maxPreviews: number, memoryBudgetBytes: number) => capacityOf({ maxPreviews, memoryBudgetBytes, memoryBytes: memory });
  assert.deepEqual(capacity(30, Infinity), { count: 30, by: 'MAX_PREVIEWS' });
  assert.deepEqual(capacity(30, 15.9 * 1024 ** 3), { count: 30, by: 'MAX_PREVIEWS' });
  assert.deepEqual(capacity(30, 4.2 * 1024 ** 3), { count: 8, by: 'MEMORY_BUDGET' });
  assert.deepEqual(capacity(30, memory - 1), { count: 0, by: 'MEMORY_BUDGET' });
});

describe('a place among those that run', () => {
  const table: [string, Partial<Model>, boolean][] = [
    ['is not needed where nothing is wanted', { wanted: nothing() }, false],
    ['is not needed asleep', { wanted: asleep('a'), deployments: [deployment(1, 'a', 'built')], liveDeploymentId: 1 }, false],
    ['is needed before anything is queued', { wanted: running('a') }, true],
    ['is needed while it is built', { wanted: running('a'), deployments: [deployment(1, 'a', 'building')] }, true],
    ['is needed while it runs', { wanted: running('a'), deployments: [deployment(1, 'a', 'live')], liveDeploymentId: 1 }, true],
    ['is not needed by a first version that failed', { wanted: running('a'), deployments: [deployment(1, 'a', 'failed')] }, false],
    ['is needed by the old version when the newer one failed', { wanted: running('b'), deployments: [deployment(2, 'b', 'failed'), deployment(1, 'a', 'live')], liveDeploymentId: 1 }, true],
    ['is needed for an attempt to come', { wanted: running('a'), deployments: [deployment(1, 'a', 'error')] }, true],
    ['is needed between restarts after a crash', { wanted: running('a'), deployments: [deployment(1, 'a', 'built')], liveDeploymentId: 1, crashCount: 3 }, true],
    ['is not needed after four crashes', { wanted: running('a'), deployments: [deployment(1, 'a', 'built')], liveDeploymentId: 1, crashCount: 4 }, false],
    ['is needed by a newer version after four crashes', { wanted: running('b'), deployments: [deployment(2, 'b', 'queued'), deployment(1, 'a', 'built')], liveDeploymentId: 1, crashCount: 4 }, true],
  ];
  for (const [name, change, expected] of table) test(name, () => assert.equal(needsRoom({ ...emptyModel(), ...change }), expected));
});
