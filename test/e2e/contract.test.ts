import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { ContractBroken } from '../../src/demo/github/index.ts';
import { instanceFilter } from '../../src/domain/labels.ts';
import { newRepository } from '../support/story.ts';
import { startTestWorld } from '../support/world.ts';

test('a world in which something was said that GitHub does not describe ends with that, and is taken down all the same', async () => {
  const world = await startTestWorld();
  const { fullName } = await newRepository(world, 'odd');
  await fetch(`${world.github.url}/api/v3/repos/${fullName}/pulls?sate=all`, { signal: AbortSignal.timeout(10_000) });
  await assert.rejects(world.close(), (error: unknown) => {
    assert.ok(error instanceof ContractBroken, String(error));
    assert.match(error.message, /:\n {2}GET \/repos\/\{owner\}\/\{repo\}\/pulls: query \/sate: expected no such field$/);
    return true;
  });
  const filters = { label: [instanceFilter(world.instance)] };
  assert.deepEqual(await world.docker.listContainers({ all: true, filters }), []);
  assert.deepEqual([existsSync(world.dir), world.program.pid], [false, null]);
});
