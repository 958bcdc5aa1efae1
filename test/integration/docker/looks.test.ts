import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import { pack } from 'tar-stream';
import { networkLabels } from '../../../src/domain/labels.ts';
import type { PortAnswer } from '../../../src/domain/ports.ts';
import { engineForTest, testPreviewId } from '../../support/engine.ts';
import { eventually } from '../../support/eventually.ts';

const { docker, engine, instance, spec, image, cleanUp } = engineForTest();
const signal = new AbortController().signal;
after(cleanUp);

describe('what comes of a plain GET at a port of a container', () => {
  const network = `kosuke-preview-${instance}-asked`;
  before(() => engine.ensureNetwork({ name: network, labels: networkLabels({ instance, previewId: testPreviewId }) }, signal));

  const said = (text: string) => `while true; do printf '${text}' | nc -l -p 4000 >/dev/null; done`;
  const cases: { name: string; command: string; answer: PortAnswer }[] = [
    { name: 'a page', command: 'mkdir /w; echo hello > /w/index.html; exec httpd -f -p 4000 -h /w', answer: { kind: 'http', status: 200 } },
    { name: 'HTTP without a page', command: 'mkdir /w; exec httpd -f -p 4000 -h /w', answer: { kind: 'http', status: 404 } },
    { name: 'the word that it is for TLS', command: said('HTTP/1.0 400 Bad Request\\r\\n\\r\\nClient sent an HTTP request to an HTTPS server.\\n'), answer: { kind: 'tls' } },
    { name: 'something else than HTTP', command: said('-ERR unknown command\\r\\n'), answer: { kind: 'other' } },
    { name: 'going over to another protocol', command: said('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n'), answer: { kind: 'other' } },
    { name: 'silence', command: 'exec nc -ll -p 4000 -e sleep 600', answer: { kind: 'silent' } },
    { name: 'nothing, on loopback only', command: 'exec httpd -f -p 127.0.0.1:4000', answer: { kind: 'refused' } },
  ];
  for (const [at, { name, command, answer }] of cases.entries()) {
    test(name, async () => {
      const made = await image(`asked-${at}`, [`CMD ${JSON.stringify(['sh', '-c', command])}`]);
      const { id } = await engine.createContainer(spec(70 + at, { image: made, network }), signal);
      await engine.startContainer(id, signal);
      await eventually('it listens', async () => (await engine.listeningPorts(id, signal))?.some(({ port }) => port === 4000));
      assert.deepEqual(await engine.askPort(id, 4000, 'project-1-a.kosuke.ai', signal), answer);
      await engine.removeContainer(id, signal);
    });
  }

  test('it is asked for the host of the preview', async () => {
    const command = "printf 'HTTP/1.0 200 OK\\r\\n\\r\\nok' | nc -l -p 4000 > /seen; sleep 600";
    const made = await image('host', [`CMD ${JSON.stringify(['sh', '-c', command])}`]);
    const { id } = await engine.createContainer(spec(80, { image: made, network }), signal);
    await engine.startContainer(id, signal);
    await eventually('it listens', async () => (await engine.listeningPorts(id, signal))?.some(({ port }) => port === 4000));
    assert.deepEqual(await engine.askPort(id, 4000, 'my.host:8080', signal), { kind: 'http', status: 200 });
    const seen = await buffer((await docker.getContainer(id).getArchive({ path: '/seen' })) as Readable);
    assert.match(seen.toString('latin1'), /GET \/ HTTP\/1\.1\r\nHost: my\.host:8080\r\n/i);
    await engine.removeContainer(id, signal);
  });

  test('nothing, of a container that does not run', async () => {
    const { id } = await engine.createContainer(spec(81, { network }), signal);
    assert.deepEqual(await engine.askPort(id, 4000, 'my.host', signal), { kind: 'refused' });
    await engine.removeContainer(id, signal);
  });
});

describe('a program whose file asks for a capability that no container has', () => {
  test('does not start, says so in words that are known, and the capability is read from its file, through a link, too', async () => {
    const { id } = await engine.createContainer(spec(82, { image: await image('denied', ['CMD ["/opt/denied", "sleep", "1"]']) }), signal);
    await docker.getContainer(id).putArchive(await withDeniedProgram(), { path: '/' });
    await engine.startContainer(id, signal);
    await eventually('it exits', async () => (await engine.things(signal)).containers.find((one) => one.id === id)?.status === 'exited');
    assert.match(await engine.logTail(id, 1000, signal), /exec \/opt\/denied failed: operation not permitted/i);
    assert.deepEqual(await engine.fileCapabilities(id, '/opt/denied', signal), ['NET_BIND_SERVICE', 'IPC_LOCK']);
    assert.deepEqual(await engine.fileCapabilities(id, 'denied-link', signal), ['NET_BIND_SERVICE', 'IPC_LOCK']);
    assert.deepEqual(await engine.fileCapabilities(id, './opt/denied', signal), ['NET_BIND_SERVICE', 'IPC_LOCK'], 'in its working directory');
    assert.deepEqual(await engine.fileCapabilities(id, '/bin/sh', signal), []);
    assert.deepEqual(await engine.fileCapabilities(id, '/not/there', signal), []);
    await engine.removeContainer(id, signal);
  });
});

test('without the init of the engine the program of the image is process 1, with it it is not', async () => {
  const made = await image('pid', ['CMD ["sh", "-c", "echo process $$"]']);
  for (const [init, said] of [[true, /process (?!1\n)\d+/], [false, /process 1\n/]] as const) {
    const { id } = await engine.createContainer(spec(83, { image: made, init }), signal);
    await engine.startContainer(id, signal);
    await eventually('it exits', async () => (await engine.things(signal)).containers.find((one) => one.id === id)?.status === 'exited');
    assert.match(await engine.logTail(id, 1000, signal), said);
    await engine.removeContainer(id, signal);
  }
});

/** `/opt/denied`, a busybox with `cap_net_bind_service,cap_ipc_lock+ep`, and `/bin/denied-link` that leads to it. */
async function withDeniedProgram(): Promise<Buffer> {
  const { id } = await engine.createContainer(spec(84), signal);
  const archive = await buffer((await docker.getContainer(id).getArchive({ path: '/bin/busybox' })) as Readable);
  await engine.removeContainer(id, signal);
  const size = Number.parseInt(archive.toString('latin1', 124, 136), 8);
  const attribute = Buffer.alloc(20);
  attribute.writeUInt32LE(0x0200_0001, 0);
  attribute.writeUInt32LE((1 << 10) | (1 << 14), 4);
  const tar = pack();
  tar.entry({ name: 'opt/denied', mode: 0o755, pax: { 'SCHILY.xattr.security.capability': attribute.toString('latin1') } }, archive.subarray(512, 512 + size));
  tar.entry({ name: 'bin/denied-link', type: 'symlink', linkname: '../opt/denied' });
  tar.finalize();
  return await buffer(Readable.from(tar));
}
