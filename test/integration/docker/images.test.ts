import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { engineForTest } from '../../support/engine.ts';

const { docker, engine, instance, spec, image, cleanUp } = engineForTest();
const signal = new AbortController().signal;
after(cleanUp);

test('an image is known by id, labels and exposed TCP ports, of which 0 is none', async () => {
  const name = await image('facts', ['EXPOSE 8080', 'EXPOSE 53/udp', 'EXPOSE 80/tcp', 'EXPOSE 0', 'LABEL a=b', 'CMD ["true"]']);
  const facts = await engine.image(name, signal);
  assert.equal(facts?.id, (await docker.getImage(name).inspect()).Id);
  assert.equal(facts.labels.a, 'b');
  assert.deepEqual(facts.exposedPorts, [80, 8080]);
  assert.equal(facts.exposedCount, 4);
  assert.equal(await engine.image(`kosuke-test/${instance}:none`, signal), null);
});

test('names are found by their start, and removed unless a container uses them', async () => {
  const used = await image('used', ['CMD ["true"]', 'LABEL n=1']);
  const unused = await image('unused', ['CMD ["true"]', 'LABEL n=2']);
  assert.deepEqual(await engine.imageNames(`kosuke-test/${instance}:u`, signal), [unused, used]);
  const { id } = await engine.createContainer(spec(41, { image: used }), signal);
  assert.equal(await engine.removeImage(used, signal), false);
  assert.equal(await engine.removeImage(unused, signal), true);
  assert.equal(await engine.removeImage(unused, signal), false);
  await engine.removeContainer(id, signal);
  assert.equal(await engine.removeImage(used, signal), true);
  assert.deepEqual(await engine.imageNames(`kosuke-test/${instance}:u`, signal), []);
});
