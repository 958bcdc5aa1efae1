import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { networkLabels } from '../../../src/domain/labels.ts';
import { KosukeError } from '../../../src/domain/errors.ts';
import { createEngine } from '../../../src/docker/engine.ts';
import { engineForTest } from '../../support/engine.ts';

const { docker, engine, instance, log, spec, image, cleanUp } = engineForTest();
const signal = new AbortController().signal;
after(cleanUp);

const network = (number: number) => ({ name: `kosuke-preview-${instance}-n${number}`, labels: networkLabels({ instance, previewId: number }) });
const names = async () => (await engine.things(signal)).networks.map((one) => one.name).toSorted();

test('forty networks can be made at once and taken away at once', async () => {
  const all = Array.from({ length: 40 }, (_, at) => network(at + 1));
  await Promise.all(all.map((one) => engine.ensureNetwork(one, signal)));
  assert.deepEqual(await names(), all.map((one) => one.name).toSorted());
  const subnets = (await docker.listNetworks({ filters: { label: [`kosuke.instance=${instance}`] } })).map((one) => one.IPAM?.Config?.[0]?.Subnet);
  assert.equal(new Set(subnets).size, 40);
  for (const subnet of subnets) assert.match(subnet ?? '', /^10\.232\.\d+\.\d+\/28$/);
  await Promise.all(all.map((one) => engine.removeNetwork(one.name, signal)));
  assert.deepEqual(await names(), []);
});

test('one that is there already is fine, asked for twice at once too; one that is gone is fine', async () => {
  await Promise.all([1, 2, 3].map(() => engine.ensureNetwork(network(50), signal)));
  await engine.ensureNetwork(network(50), signal);
  assert.deepEqual(await names(), [network(50).name]);
  await engine.removeNetwork(network(50).name, signal);
  await engine.removeNetwork(network(50).name, signal);
  assert.deepEqual(await names(), []);
});

test('a network goes although a container still runs in it', async () => {
  await engine.ensureNetwork(network(51), signal);
  const sleeper = await image('sleep', ['CMD ["sleep", "600"]']);
  const { id } = await engine.createContainer(spec(51, { image: sleeper, network: network(51).name, labels: network(51).labels }), signal);
  await engine.startContainer(id, signal);
  await engine.removeNetwork(network(51).name, signal);
  assert.deepEqual(await names(), []);
  await engine.removeContainer(id, signal);
});

test('a network that is not of this preview is neither used nor removed', async () => {
  const { name } = network(52);
  const stranger = await docker.createNetwork({ Name: name, IPAM: { Config: [{ Subnet: '10.233.255.240/28' }] } });
  try {
    await assert.rejects(engine.ensureNetwork(network(52), signal), /taken by a network that is not of this preview/);
    await assert.rejects(engine.removeNetwork(name, signal), /not ours/);
    const { id } = await engine.createContainer(spec(52, { network: name, labels: network(52).labels }), signal);
    await assert.rejects(engine.startContainer(id, signal), /is not of this preview/);
    assert.equal((await docker.getContainer(id).inspect()).State.Status, 'created');
    await engine.removeContainer(id, signal);
    assert.equal(((await stranger.inspect()) as { Name: string }).Name, name);
  } finally {
    await stranger.remove();
  }
});

test('a container whose network is gone says so, also when there is another of the same name', async () => {
  const { name, labels } = network(55);
  const gone = (error: unknown) => error instanceof KosukeError && error.failure.code === 'network-gone';
  await engine.ensureNetwork(network(55), signal);
  const sleeper = await image('sleep', ['CMD ["sleep", "600"]']);
  const { id } = await engine.createContainer(spec(55, { image: sleeper, network: name, labels }), signal);
  await engine.startContainer(id, signal);
  await engine.stopContainer(id, 0, signal);
  await engine.removeNetwork(name, signal);
  await assert.rejects(engine.startContainer(id, signal), gone);
  await engine.ensureNetwork(network(55), signal);
  await assert.rejects(engine.startContainer(id, signal), gone);
  await engine.removeContainer(id, signal);
  await engine.removeNetwork(name, signal);
});

test('a pool without a free subnet is an error that names the setting', async () => {
  const small = createEngine({ docker, instance, subnets: '10.233.254.0/28', log });
  await small.ensureNetwork(network(53), signal);
  await assert.rejects(small.ensureNetwork(network(54), signal), (error) => {
    assert.ok(error instanceof KosukeError);
    assert.match(error.failure.why, /Every subnet of 10\.233\.254\.0\/28 is taken: set PREVIEW_SUBNETS/);
    return true;
  });
  await small.removeNetwork(network(53).name, signal);
});
