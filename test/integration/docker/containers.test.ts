import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { after, test } from 'node:test';
import { KosukeError, type FailureCode } from '../../../src/domain/errors.ts';
import { networkLabels } from '../../../src/domain/labels.ts';
import { ImageMissing } from '../../../src/reconcile/ports/engine.ts';
import { engineForTest, testPreviewId } from '../../support/engine.ts';
import { eventually } from '../../support/eventually.ts';

const { docker, engine, instance, spec, image, cleanUp } = engineForTest();
const signal = new AbortController().signal;
after(cleanUp);

const failsWith = (code: FailureCode, text: RegExp) => (error: unknown) => {
  assert.ok(error instanceof KosukeError, String(error));
  assert.equal(error.failure.code, code);
  assert.match(`${error.failure.what}\n${error.failure.why}`, text);
  return true;
};

const container = async (id: string) => (await engine.things(signal)).containers.find((one) => one.id === id);

test('a container goes from created to running to exited to gone, and every step may be done twice', async () => {
  const { id } = await engine.createContainer(spec(11, { image: await image('sleep', ['CMD ["sleep", "600"]']) }), signal);
  const created = await container(id);
  assert.equal(created?.status, 'created');
  assert.deepEqual(
    { ...created, id: undefined },
    {
      id: undefined,
      name: spec(11).name,
      previewId: testPreviewId,
      deploymentId: 11,
      status: 'created',
      exitCode: null,
      oomKilled: false,
      startedAt: null,
      finishedAt: null,
      publishedPort: null,
    },
  );

  await engine.startContainer(id, signal);
  await engine.startContainer(id, signal);
  const running = await container(id);
  assert.equal(running?.status, 'running');
  assert.ok(running.startedAt instanceof Date);

  await engine.stopContainer(id, 5, signal);
  await engine.stopContainer(id, 5, signal);
  const stopped = await container(id);
  assert.equal(stopped?.status, 'exited');
  assert.equal(stopped.exitCode, 143);
  assert.ok(stopped.finishedAt instanceof Date);

  await engine.removeContainer(id, signal);
  await engine.removeContainer(id, signal);
  await engine.stopContainer(id, 5, signal);
  assert.equal(await container(id), undefined);
});

test('two who remove the same container at once both succeed', async () => {
  const { id } = await engine.createContainer(spec(12, { image: await image('sleep', ['CMD ["sleep", "600"]']) }), signal);
  await engine.startContainer(id, signal);
  await Promise.all([engine.removeContainer(id, signal), engine.removeContainer(id, signal)]);
  assert.equal(await container(id), undefined);
});

test('what the app may do is what the allowlist says', async () => {
  const probe = await image('probe', ['CMD ["sh", "-c", "cat /proc/self/status /proc/sys/net/ipv6/conf/all/disable_ipv6; exit 3"]']);
  const { id } = await engine.createContainer(spec(13, { image: probe }), signal);
  await engine.startContainer(id, signal);
  const exited = await eventually('the probe exits', async () => {
    const found = await container(id);
    return found?.status === 'exited' && found;
  });
  assert.equal(exited.exitCode, 3);
  const log = await engine.logTail(id, 10_000, signal);
  assert.match(log, /^CapBnd:\t00000000000004fb$/m);
  assert.match(log, /^NoNewPrivs:\t1$/m);
  assert.match(log, /^1\n$/m);
});

test('a name that a container of the same preview holds is freed', async () => {
  const first = await engine.createContainer(spec(14, { image: await image('sleep', ['CMD ["sleep", "600"]']) }), signal);
  await engine.startContainer(first.id, signal);
  const second = await engine.createContainer(spec(14, { image: await image('sleep', ['CMD ["sleep", "600"]']) }), signal);
  assert.equal(await container(first.id), undefined);
  assert.equal((await container(second.id))?.status, 'created');
});

test('a name that somebody else holds is an error, and the holder stays', async () => {
  const name = spec(15).name;
  const stranger = await docker.createContainer({ name, Image: 'busybox:1.37', Cmd: ['true'], Labels: { 'kosuke.instance': 'other' } });
  try {
    await assert.rejects(engine.createContainer(spec(15, { image: 'busybox:1.37' }), signal), failsWith('engine', /taken/));
    assert.equal((await stranger.inspect()).Id, stranger.id);
  } finally {
    await stranger.remove();
  }
});

test('an image that is not there is told apart from other errors', async () => {
  await assert.rejects(engine.createContainer(spec(16, { image: `kosuke-test/${instance}:none` }), signal), ImageMissing);
});

for (const label of ['traefik.http.routers.evil.rule=x', 'Traefik.Enable=false', 'KOSUKE.instance=other', 'kosuke.edge=true']) {
  test(`an image that carries ${label} is refused by name and leaves nothing behind`, async () => {
    const evil = await image('evil', [`LABEL ${label}`, 'CMD ["sleep", "600"]']);
    await assert.rejects(engine.createContainer(spec(17, { image: evil }), signal), (error) => {
      assert.ok(error instanceof KosukeError);
      assert.equal(error.failure.code, 'reserved-labels');
      assert.equal(error.failure.fault, 'app');
      assert.equal(error.failure.what, `The image carries the reserved label ${label}`);
      return true;
    });
    assert.deepEqual(await docker.listContainers({ all: true, filters: { name: [spec(17).name] } }), []);
  });
}

test('an image that exposes more than 32 ports, of whatever kind, is refused and leaves nothing behind', async () => {
  for (const kind of ['tcp', 'udp']) {
    const crowded = await image(`crowded-${kind}`, [`EXPOSE 1000-1032/${kind}`, 'CMD ["sleep", "600"]']);
    await assert.rejects(engine.createContainer(spec(17, { image: crowded }), signal), failsWith('too-many-ports', /exposes 33 ports/));
  }
  assert.deepEqual(await docker.listContainers({ all: true, filters: { name: [spec(17).name] } }), []);
  const roomy = await image('roomy', ['EXPOSE 1000-1031', 'CMD ["sleep", "600"]']);
  await engine.removeContainer((await engine.createContainer(spec(17, { image: roomy }), signal)).id, signal);
});

test('an image without a command, and one with a user that does not exist, are the doing of the app', async () => {
  const empty = `kosuke-test/${instance}:empty`;
  const importing = await docker.importImage(Readable.from([Buffer.alloc(1024)]), { repo: `kosuke-test/${instance}`, tag: 'empty' });
  await text(importing);
  await assert.rejects(engine.createContainer(spec(18, { image: empty }), signal), failsWith('exited', /names no command/));
  const { id } = await engine.createContainer(spec(19, { image: await image('user', ['USER nobody-here', 'CMD ["true"]']) }), signal);
  await assert.rejects(engine.startContainer(id, signal), failsWith('exited', /could not be started\nunable to find user nobody-here/));
});

test('a log tail is the end of what was written, from both streams', async () => {
  const chatty = await image('chatty', ['CMD ["sh", "-c", "echo oops >&2; for i in $(seq 300); do echo line $i; done"]']);
  const { id } = await engine.createContainer(spec(20, { image: chatty }), signal);
  await engine.startContainer(id, signal);
  await eventually('it exits', async () => (await container(id))?.status === 'exited');
  const whole = await engine.logTail(id, 1_000_000, signal);
  assert.deepEqual(whole.split('\n').toSorted(), ['', ...Array.from({ length: 300 }, (_, at) => `line ${at + 1}`), 'oops'].toSorted());
  // In which order the engine read the two pipes is up to it; the tail is the end of the same text.
  assert.equal(await engine.logTail(id, 20, signal), whole.split('\n').slice(-3).join('\n'));
});

test('the ports that an app listens on can be read while it runs, and not afterwards', async () => {
  const listener = await image('listener', [
    'CMD ["sh", "-c", "httpd -p 0.0.0.0:4321 -h /bin; httpd -p 127.0.0.1:4322 -h /bin; sleep 600"]',
  ]);
  const { id } = await engine.createContainer(spec(21, { image: listener }), signal);
  assert.equal(await engine.listeningPorts(id, signal), null);
  await engine.startContainer(id, signal);
  const ports = await eventually('both listen', async () => {
    const found = await engine.listeningPorts(id, signal);
    return found?.length === 2 && found;
  });
  assert.deepEqual(ports, [
    { port: 4321, loopbackOnly: false },
    { port: 4322, loopbackOnly: true },
  ]);
  await engine.removeContainer(id, signal);
});

test('without Traefik the published port answers on 127.0.0.1', async () => {
  const web = await image('web', ['CMD ["httpd", "-f", "-p", "8000", "-h", "/etc"]']);
  const network = `kosuke-preview-${instance}-web`;
  await engine.ensureNetwork({ name: network, labels: networkLabels({ instance, previewId: testPreviewId }) }, signal);
  const { id } = await engine.createContainer(spec(22, { image: web, network, publish: { containerPort: 8000, hostPort: 23_000 } }), signal);
  await engine.startContainer(id, signal);
  const port = (await container(id))?.publishedPort;
  assert.ok(port);
  const answer = await eventually('it answers', () => fetch(`http://127.0.0.1:${port}/passwd`));
  await answer.body?.cancel();
  assert.ok([200, 404].includes(answer.status));
});

test('things of one preview, and the highest deployment of anybody, can be asked for', async () => {
  await engine.createContainer(spec(23, { labels: { ...spec(23).labels, 'kosuke.preview': '8' }, image: await image('true', ['CMD ["true"]']) }), signal);
  assert.deepEqual((await engine.things(signal, 8)).containers.map((one) => one.deploymentId), [23]);
  const next = String((await engine.highestDeployment(signal)) + 1);
  const stranger = await docker.createContainer({
    Image: 'busybox:1.37',
    Cmd: ['true'],
    Labels: { 'kosuke.deployment': next, 'kosuke.instance': 'somebody-else' },
  });
  const nonsense = await docker.createContainer({ Image: 'busybox:1.37', Cmd: ['true'], Labels: { 'kosuke.deployment': '9'.repeat(30) } });
  try {
    // Other tests may make higher ones at this moment; the nonsense would be far above all of them.
    const highest = await engine.highestDeployment(signal);
    assert.ok(highest >= Number(next) && highest < 1e9, String(highest));
  } finally {
    await stranger.remove();
    await nonsense.remove();
  }
});
