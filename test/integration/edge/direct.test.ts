import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { commitHostLabel, containerName } from '../../../src/domain/host.ts';
import { networkLabels } from '../../../src/domain/labels.ts';
import { KosukeError } from '../../../src/domain/errors.ts';
import { createDirectEdge } from '../../../src/edge/direct.ts';
import { engineForTest, testPreviewId } from '../../support/engine.ts';
import { eventually } from '../../support/eventually.ts';

const { engine, instance, spec, image, cleanUp } = engineForTest();
const signal = new AbortController().signal;
const network = `kosuke-preview-${instance}-direct`;
const label = `project-1-direct-${instance.slice(-8)}`;
const host = `${label}.kosuke.localhost`;
const commitHost = (id: number) => `${commitHostLabel(1, 'a'.repeat(40), id)}.kosuke.localhost`;

/** What `random` gives so that this port is the one that is tried. */
const chanceOf = (port: number) => (port - 20_000 + 0.5) / 10_000;
const edgeThatPicks = (...ports: number[]) => createDirectEdge({ engine, random: () => chanceOf(ports.shift() ?? 20_000) });
const edge = createDirectEdge({ engine, random: Math.random });

describe('ports without Traefik, on a real engine', () => {
  before(() => engine.ensureNetwork({ name: network, labels: networkLabels({ instance, previewId: testPreviewId }) }, signal));
  after(cleanUp);

  /** A container of the preview that serves `/etc` of busybox on port 8000, published at `port`. */
  const created = async (id: number, port: number, command = 'exec httpd -f -p 8000 -h /etc') => {
    const options = { name: containerName(label, id), image: await image(`web-${id}`, [`CMD ["sh", "-c", ${JSON.stringify(command)}]`]), network };
    return (await engine.createContainer(spec(id, { ...options, publish: { containerPort: 8000, hostPort: port } }), signal)).id;
  };
  const free = () => edge.ports!.free(signal);
  const facts = async (id: string) => (await engine.things(signal)).containers.find((one) => one.id === id);

  test('a container listens on 127.0.0.1 alone, and its port is the same over stop and start', async () => {
    const port = await free();
    const id = await created(31, port);
    await engine.startContainer(id, signal);
    for (let round = 0; round < 3; round += 1) {
      await answering(port);
      assert.deepEqual(await listenersOn(port), ['127.0.0.1']);
      assert.deepEqual(await published(31), { containerName: containerName(label, 31), deploymentId: 31, port });
      await engine.stopContainer(id, 1, signal);
      assert.deepEqual(await listenersOn(port), []);
      assert.equal(await published(31), undefined);
      assert.deepEqual([(await facts(id))?.status, (await facts(id))?.publishedPort], ['exited', port]);
      await engine.startContainer(id, signal);
    }
    await engine.removeContainer(id, signal);
    assert.deepEqual(await listenersOn(port), []);
  });

  test('a port that another container or another program has is told apart from other errors', async () => {
    const port = await free();
    const first = await created(32, port);
    const second = await created(33, port);
    await engine.startContainer(first, signal);
    await assert.rejects(engine.startContainer(second, signal), isTaken);
    await engine.removeContainer(first, signal);
    await listening(port, () => assert.rejects(engine.startContainer(second, signal), isTaken));
    await engine.startContainer(second, signal);
    await answering(port);
    await engine.removeContainer(second, signal);
  });

  test('a free port is none that something listens on, and none of a container that is stopped', async () => {
    const [stopped, running] = [await free(), await free()];
    const asleep = await created(34, stopped);
    await engine.startContainer(asleep, signal);
    await engine.stopContainer(asleep, 1, signal);
    await listening(running, async () => {
      // Which one it is then is up to what else this machine runs.
      const wished = await free();
      const picked = await edgeThatPicks(stopped, running, wished).ports!.free(signal);
      assert.ok(picked === wished || picked === 20_000, `${picked} was picked after ${stopped}, ${running} and ${wished}`);
      await assert.rejects(createDirectEdge({ engine, random: () => chanceOf(running) }).ports!.free(signal), /No free port/);
    });
    await engine.removeContainer(asleep, signal);
  });

  test('a probe says of the version that a host stands for whether it is up, as Traefik would', async () => {
    const gate = { kind: 'answer', status: 503, deploymentId: null, holdId: null, gateState: 'starting' };
    assert.partialDeepStrictEqual(await edge.probe(host, '/', signal), gate);
    const ids = [await created(35, await free(), 'sleep 1; exec httpd -f -p 8000 -h /etc'), await created(36, await free()), await created(37, await free(), 'exec nc -ll -p 8000 -e sleep 600')];
    await engine.startContainer(ids[0]!, signal);
    assert.partialDeepStrictEqual(await edge.probe(commitHost(35), '/', signal), { ...gate, status: 502, deploymentId: 35, gateState: null }, 'it does not listen yet');
    const up = await eventually('it is up', async () => {
      const answer = await edge.probe(commitHost(35), '/passwd', signal);
      return answer.kind === 'answer' && answer.status < 500 && answer;
    });
    assert.partialDeepStrictEqual(up, { kind: 'answer', status: up.status, deploymentId: 35, holdId: null, gateState: null });

    await engine.startContainer(ids[1]!, signal);
    assert.partialDeepStrictEqual(await edge.probe(host, '/', signal), { deploymentId: 36 }, 'the newest one has the host');
    assert.partialDeepStrictEqual(await edge.probe(commitHost(35), '/', signal), { deploymentId: 35 });
    assert.partialDeepStrictEqual(await edge.probe(commitHost(99), '/', signal), gate);
    assert.partialDeepStrictEqual(await edge.probe(`${label}-b.kosuke.localhost`, '/', signal), gate, 'another host that begins the same');

    await engine.startContainer(ids[2]!, signal);
    const silent = await edge.probe(commitHost(37), '/', signal, 300);
    assert.deepEqual(silent, { kind: 'no-edge', why: 'no answer within 300 ms', connected: true });
    assert.partialDeepStrictEqual(await edge.probe(commitHost(37), '/_kosuke/status', signal), gate, 'what the gate would answer is there all the time');
    for (const id of ids) await engine.removeContainer(id, signal);
    assert.partialDeepStrictEqual(await edge.probe(commitHost(35), '/', signal), gate);
  });

  test('what an app says of itself in our headers counts for nothing', async () => {
    const forged = 'HTTP/1.1 200 OK\\r\\nX-Kosuke-Deployment: 1\\r\\nX-Kosuke-Hold: 2\\r\\nX-Kosuke-State: running\\r\\nConnection: close\\r\\n\\r\\n';
    const id = await created(38, await free(), `while true; do printf '${forged}' | nc -l -p 8000; done`);
    await engine.startContainer(id, signal);
    const answer = await eventually('it answers', async () => {
      const found = await edge.probe(commitHost(38), '/', signal);
      return found.kind === 'answer' && found.status === 200 && found;
    });
    assert.partialDeepStrictEqual(answer, { kind: 'answer', status: 200, deploymentId: 38, holdId: null, gateState: null });
    await engine.removeContainer(id, signal);
  });

  test('a hold is remembered until it is removed, and an engine that does not answer is no answer of an app', async () => {
    const broken = { things: engine.things, publishedPorts: () => Promise.reject(new Error('no engine')) };
    const alone = createDirectEdge({ engine: broken, random: Math.random });
    await alone.writeHold({ deploymentId: 5, host, to: 'gate' });
    await alone.writeHold({ deploymentId: 7, host, to: { deploymentId: 5, containerName: containerName(label, 5) } });
    assert.deepEqual((await alone.holds()).map(({ deploymentId }) => deploymentId), [5, 7]);
    assert.partialDeepStrictEqual(await alone.probe(host, '/', signal), { kind: 'answer', holdId: 7 });
    await alone.removeHold(7);
    assert.partialDeepStrictEqual(await alone.probe(host, '/', signal), { kind: 'answer', holdId: 5 });
    await alone.removeHold(5);
    await alone.removeHold(5);
    assert.deepEqual(await alone.holds(), []);
    assert.deepEqual(await alone.probe(host, '/', signal), { kind: 'no-edge', why: 'no engine', connected: false });
    await assert.rejects(alone.probe(host, '/', AbortSignal.abort(new Error('stopped'))), /stopped/);
  });
});

async function published(deploymentId: number) {
  return (await engine.publishedPorts(signal)).find((each) => each.deploymentId === deploymentId);
}

function isTaken(error: unknown): boolean {
  assert.ok(error instanceof KosukeError, String(error));
  assert.deepEqual([error.failure.code, error.failure.fault], ['port-taken', 'us']);
  assert.match(error.failure.why, /already allocated|already in use/);
  return true;
}

async function answering(port: number): Promise<void> {
  const answer = await eventually(`${port} answers`, () => fetch(`http://127.0.0.1:${port}/passwd`));
  await answer.body?.cancel();
}

async function listening(port: number, meanwhile: () => Promise<unknown>): Promise<void> {
  const server: Server = createServer();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  try {
    await meanwhile();
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
}

/** The addresses on which something listens at a port of this machine, by the kernel's own tables (proc(5)). */
async function listenersOn(port: number): Promise<string[]> {
  const rows = (await Promise.all(['tcp', 'tcp6'].map((table) => readFile(`/proc/net/${table}`, 'utf8').catch(() => '')))).join('\n').split('\n');
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  return rows.flatMap((row) => {
    const address = new RegExp(`^ *\\d+: ([0-9A-F]+):${hex} [0-9A-F]+:0000 0A `).exec(row)?.[1];
    if (address === undefined) return [];
    return [address.length === 8 ? [...Buffer.from(address, 'hex')].toReversed().join('.') : address];
  });
}
