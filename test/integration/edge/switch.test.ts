import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { rename, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { pino } from 'pino';
import { stringify } from 'yaml';
import { commitHostLabel, containerName, networkName } from '../../../src/domain/host.ts';
import { appLabels, networkLabels } from '../../../src/domain/labels.ts';
import { createEdge } from '../../../src/edge/edge.ts';
import { holdConfig } from '../../../src/edge/hold-file.ts';
import type { Edge, EdgeAnswer } from '../../../src/reconcile/ports/edge.ts';
import { engineForTest } from '../../support/engine.ts';
import { eventually } from '../../support/eventually.ts';
import { startTraefik, type TestTraefik } from '../../support/traefik.ts';

const domain = 'kosuke.localhost';
const projectId = randomInt(10_000_000, 90_000_000);
const label = `project-${projectId}-a`;
const host = `${label}.${domain}`;
const sha = 'c0ffee'.padEnd(40, '0');
const signal = AbortSignal.timeout(120_000);

describe('the edge, with the real Traefik and real containers', () => {
  const parts = engineForTest();
  let traefik: TestTraefik;
  let gate: Server;
  let hostAtGate: string | undefined;
  let edge: Edge;
  let image: string;

  before(async () => {
    gate = createServer((request, response) => {
      hostAtGate = request.headers.host;
      response.writeHead(503, { 'X-Kosuke-State': 'building' }).end('gate');
    });
    await new Promise<void>((resolve) => gate.listen(0, '127.0.0.1', resolve));
    [traefik, image] = await Promise.all([startTraefik(), parts.image('web', ['CMD ["httpd","-f","-p","3000","-h","/etc"]'])]);
    await parts.engine.ensureNetwork({ name: networkName(label), labels: networkLabels({ instance: parts.instance, previewId: 1 }) }, signal);
    edge = createEdge({
      dynamicDir: traefik.dynamicDir,
      gateUrl: `http://127.0.0.1:${(gate.address() as AddressInfo).port}`,
      entryPoint: 'web',
      previewDomain: domain,
      edgeAddress: { host: '127.0.0.1', port: traefik.port },
      scheme: 'http',
      clock: { now: () => new Date() },
      log: pino({ level: 'silent' }),
    });
    await edge.writeGate();
  });

  after(async () => {
    await traefik?.stop();
    await parts.cleanUp();
    gate.closeAllConnections();
    await new Promise((resolve) => gate.close(resolve));
  });

  async function start(deploymentId: number, made = image): Promise<string> {
    const name = containerName(label, deploymentId);
    const labels = appLabels({
      instance: parts.instance,
      projectId,
      previewId: 1,
      deploymentId,
      sha,
      containerName: name,
      networkName: networkName(label),
      host,
      authority: host,
      commitHost: `${commitHostLabel(projectId, sha, deploymentId)}.${domain}`,
      entryPoint: 'web',
      port: 3000,
      edge: true,
    });
    const { id } = await parts.engine.createContainer(parts.spec(deploymentId, { name, image: made, network: networkName(label), labels }), signal);
    await parts.engine.startContainer(id, signal);
    return id;
  }

  const hold = (deploymentId: number, version: number | null) =>
    edge.writeHold({ deploymentId, host, to: version === null ? 'gate' : { deploymentId: version, containerName: containerName(label, version) } });

  const seen = (what: string, expected: Partial<EdgeAnswer>, path = '/', asked = host) =>
    eventually(what, async () => {
      assert.partialDeepStrictEqual(await edge.probe(asked, path, signal), { kind: 'answer', ...expected });
      return true;
    });

  const onGate = { status: 503, gateState: 'building', deploymentId: null };
  const onVersion = (deploymentId: number) => ({ status: 404, gateState: null, deploymentId });

  it('brings a host without a container to the gate, which sees the host that was asked for', async () => {
    await seen('gate', { ...onGate, holdId: null });
    assert.equal(hostAtGate, host);
  });

  it('starts without a warning', async () => {
    const written = await traefik.docker.getContainer(traefik.containerId).logs({ stdout: true, stderr: true });
    assert.doesNotMatch(written.toString('utf8'), / WRN /);
  });

  it('leaves other hosts alone', async () => {
    const answer = await edge.probe(`other.${domain}`, '/', signal);
    assert.partialDeepStrictEqual(answer, { kind: 'answer', status: 404, deploymentId: null, holdId: null, gateState: null });
  });

  it('says on every answer that a host is held on the gate, until it is not', async () => {
    await hold(11, null);
    await seen('held on the gate', { ...onGate, holdId: 11 });
    assert.deepEqual(await edge.holds(), [{ deploymentId: 11, host, to: 'gate' }]);
    await edge.removeHold(11);
    await edge.removeHold(11);
    await seen('released', { ...onGate, holdId: null });
    assert.deepEqual(await edge.holds(), []);
  });

  it('takes a host with a final dot for the same host, held or not', async () => {
    const dotted = `${host}.`;
    await seen('the gate, by the catch-all', { ...onGate, holdId: null }, '/', dotted);
    assert.equal(hostAtGate, dotted);
    await hold(11, null);
    await seen('held on the gate', { ...onGate, holdId: 11 }, '/', dotted);
    await seen('/_kosuke/ above the hold', { ...onGate, holdId: null }, '/_kosuke/status', dotted);
    await edge.removeHold(11);
    await seen('released', { ...onGate, holdId: null }, '/', dotted);
  });

  it('keeps the old version while the new one starts, lets the labels take over, and falls back to the gate when the held version dies', async () => {
    const first = await start(11);
    await seen('first version', { ...onVersion(11), holdId: null });

    await hold(12, 11);
    await seen('held on the first version', { ...onVersion(11), holdId: 12 });
    const second = await start(12);
    await eventually('second version on its own host', async () => {
      const answer = await edge.probe(`${commitHostLabel(projectId, sha, 12)}.${domain}`, '/', signal);
      return answer.kind === 'answer' && answer.deploymentId === 12 && answer.status === 404;
    });
    await seen('still the first', { ...onVersion(11), holdId: 12 });

    await edge.removeHold(12);
    await seen('second version', { ...onVersion(12), holdId: null });
    await parts.engine.removeContainer(first, signal);

    await hold(13, 12);
    await seen('held on the second version', { ...onVersion(12), holdId: 13 });
    for (const asked of [host, `${host}.`]) {
      await seen('held on the second version', { ...onVersion(12), holdId: 13 }, '/', asked);
      await seen('/_kosuke/ of a host that is served', { ...onGate, holdId: null }, '/_kosuke/status', asked);
    }
    await parts.engine.removeContainer(second, signal);
    await seen('the held version died', { ...onGate, holdId: 13 });
    await edge.removeHold(13);
  });

  it('gives the app the host of the preview for that of the commit, and says which was asked for', async () => {
    const command = "while true; do printf 'HTTP/1.0 200 OK\\r\\n\\r\\nok' | nc -l -p 3000 >> /seen; done";
    const id = await start(16, await parts.image('heard', [`CMD ${JSON.stringify(['sh', '-c', command])}`]));
    const commitHost = `${commitHostLabel(projectId, sha, 16)}.${domain}`;
    await seen('the commit host', { status: 200, deploymentId: 16 }, '/by-commit', commitHost);
    await seen('the public host', { status: 200, deploymentId: 16 }, '/by-preview');
    const heard = (await buffer((await parts.docker.getContainer(id).getArchive({ path: '/seen' })) as Readable)).toString('latin1');
    const requestOf = (path: string) => heard.slice(heard.indexOf(`GET ${path} `)).split('\r\n\r\n')[0] ?? '';
    assert.match(requestOf('/by-commit'), new RegExp(`^Host: ${host}\r$`, 'm'));
    assert.match(requestOf('/by-commit'), new RegExp(`^X-Forwarded-Host: ${commitHost}\r$`, 'm'));
    assert.match(requestOf('/by-preview'), new RegExp(`^Host: ${host}\r$`, 'm'));
    await parts.engine.removeContainer(id, signal);
  });

  it('never shows a half-written hold to Traefik', async () => {
    const cutShort = join(traefik.dynamicDir, 'kosuke-hold-77.yml.0123456789ab.tmp');
    await writeFile(cutShort, stringify(holdConfig({ deploymentId: 77, host, to: 'gate' }, 'web')));
    await hold(14, null);
    await seen('the other hold, though its number is lower', { ...onGate, holdId: 14 });
    assert.deepEqual(await edge.holds(), [{ deploymentId: 14, host, to: 'gate' }]);
    await edge.removeHold(14);
    await rm(cutShort);
  });

  it('goes on serving beside an invalid file of somebody else, and takes up changes when that is gone', async () => {
    await seen('released', { ...onGate, holdId: null });
    const foreign = join(traefik.dynamicDir, 'theirs.yml');
    await writeFile(`${foreign}.new`, 'http: { routers: [unfinished');
    await rename(`${foreign}.new`, foreign);
    await hold(15, null);
    await seen('the gate still answers', onGate);
    await rm(foreign);
    await seen('the hold', { ...onGate, holdId: 15 });
    await edge.removeHold(15);
  });
});
