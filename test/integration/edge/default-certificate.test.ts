import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { connect } from 'node:tls';
import { pino } from 'pino';
import { parse, stringify } from 'yaml';
import { freePorts, staticConfig } from '../../../src/demo/traefik.ts';
import { createEdge } from '../../../src/edge/edge.ts';
import { engineForTest } from '../../support/engine.ts';
import { eventually } from '../../support/eventually.ts';
import { traefikImage } from '../../support/traefik.ts';

describe('names that Traefik has no certificate of', () => {
  const { docker } = engineForTest();

  it('get ours, the same before and after each change: Traefik makes none', async (t) => {
    const directory = await mkdtemp(join(tmpdir(), 'kosuke-certificate-'));
    t.after(() => rm(directory, { recursive: true, force: true }));
    const dynamicDir = join(directory, 'dynamic');
    await mkdir(dynamicDir);
    const [port = 0, apiPort = 0] = await freePorts(2);
    const edge = createEdge({
      dynamicDir,
      gateUrl: 'http://127.0.0.1:1',
      entryPoint: 'web',
      previewDomain: 'kosuke.localhost',
      edgeAddress: { host: '127.0.0.1', port },
      scheme: 'https',
      clock: { now: () => new Date() },
      log: pino({ level: 'silent' }),
    });
    await edge.writeGate();
    const config = staticConfig({ port, apiPort, dynamicDir: '/etc/traefik/dynamic' });
    const web = { ...config.entryPoints.web, http: { ...config.entryPoints.web.http, tls: {} } };
    const text = stringify({ ...config, log: { level: 'DEBUG' }, entryPoints: { ...config.entryPoints, web } }, { aliasDuplicateObjects: false });
    await writeFile(join(directory, 'traefik.yml'), text);
    const container = await docker.createContainer({
      Image: traefikImage,
      Cmd: ['--configFile=/etc/traefik/traefik.yml'],
      Labels: { 'kosuke-test': 'traefik' },
      HostConfig: {
        NetworkMode: 'host',
        Binds: [`${join(directory, 'traefik.yml')}:/etc/traefik/traefik.yml:ro`, `${dynamicDir}:/etc/traefik/dynamic:ro`, '/var/run/docker.sock:/var/run/docker.sock:ro'],
      },
    });
    t.after(() => container.remove({ force: true }));
    await container.start();

    const { tls } = parse(await readFile(join(dynamicDir, 'kosuke-gate.yml'), 'utf8')) as { tls: { stores: { default: { defaultCertificate: { certFile: string } } } } };
    const ours = new X509Certificate(tls.stores.default.defaultCertificate.certFile).fingerprint256;
    await eventually('Traefik shows ours', async () => (await shown(port)) === ours);
    await edge.writeHold({ deploymentId: 3, host: 'project-1-a.kosuke.localhost', to: 'gate' });
    await eventually('the hold is there', async () => {
      const answer = await edge.probe('project-1-a.kosuke.localhost', '/', AbortSignal.timeout(5_000));
      return answer.kind === 'answer' && answer.holdId === 3;
    });
    assert.equal(await shown(port), ours);
    const log = (await container.logs({ stdout: true, stderr: true })).toString('utf8');
    // Before its directory was read it had none of ours.
    assert.equal(log.slice(log.indexOf('kosuke-hold-3')).includes('internal generated certificate'), false);
  });
});

async function shown(port: number): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, servername: 'nobody.kosuke.localhost', rejectUnauthorized: false }, () => {
      resolve(socket.getPeerX509Certificate()?.fingerprint256 ?? null);
      socket.destroy();
    });
    socket.on('error', () => resolve(null));
  });
}
