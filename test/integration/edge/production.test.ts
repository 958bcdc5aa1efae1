import assert from 'node:assert/strict';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import type Dockerode from 'dockerode';
import { pino } from 'pino';
import { createEdge } from '../../../src/edge/edge.ts';
import { engineForTest } from '../../support/engine.ts';
import { eventually } from '../../support/eventually.ts';
import { traefikImage } from '../../support/traefik.ts';

const inRepository = (path: string) => fileURLToPath(new URL(`../../../${path}`, import.meta.url));

/** Runs without any network: nothing listens outside its own walls, and no certificate is asked for anywhere. */
describe('the production configuration, in the real Traefik', () => {
  const { docker } = engineForTest();
  let directory: string;
  let container: Dockerode.Container;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'kosuke-production-'));
    const dynamicDir = join(directory, 'dynamic');
    await mkdir(dynamicDir);
    await copyFile(inRepository('traefik/dynamic.yml'), join(dynamicDir, 'dynamic.yml'));
    const edge = createEdge({
      dynamicDir,
      gateUrl: 'http://127.0.0.1:3000',
      entryPoint: 'websecure',
      previewDomain: 'kosuke.ai',
      edgeAddress: { host: '127.0.0.1', port: 443 },
      scheme: 'https',
      clock: { now: () => new Date() },
      log: pino({ level: 'silent' }),
    });
    await edge.writeGate();
    await edge.writeHold({ deploymentId: 3, host: 'project-1-a.kosuke.ai', to: 'gate' });
    container = await docker.createContainer({
      Image: traefikImage,
      Labels: { 'kosuke-test': 'traefik' },
      Env: [
        'BASE_DOMAIN=kosuke.ai',
        'GATE_URL=http://127.0.0.1:3000',
        'TRAEFIK_DASHBOARD_HOST=traefik.kosuke.ai',
        'TRAEFIK_DASHBOARD_USERS=ann:$2y$05$aaaaaaaaaaaaaaaaaaaaaa,bob:$2y$05$bbbbbbbbbbbbbbbbbbbbbb',
        'CF_DNS_API_TOKEN=none',
      ],
      HostConfig: {
        NetworkMode: 'none',
        Tmpfs: { '/certs': 'mode=0700' },
        Binds: [
          `${inRepository('traefik/traefik.yml')}:/etc/traefik/traefik.yml:ro`,
          `${dynamicDir}:/etc/traefik/dynamic:ro`,
          '/var/run/docker.sock:/var/run/docker.sock:ro',
        ],
      },
    });
    await container.start();
  });

  after(async () => {
    await container?.remove({ force: true });
    await rm(directory, { recursive: true, force: true });
  });

  const lines = async () =>
    stripVTControlCharacters((await container.logs({ stdout: true, stderr: true })).toString('utf8')).split('\n');

  it('loads without a warning, and its routers find their certificate resolver, services and middlewares', async () => {
    await eventually('providers started', async () => (await lines()).some((line) => line.includes('*acme.ChallengeTLSALPN')));
    await writeFile(join(directory, 'dynamic', 'last.yml'), 'http: { routers: { last: { rule: "Host(`last`)", service: missing-on-purpose } } }\n');
    const read = await eventually('the last file taken up', async () => {
      const all = await lines();
      return all.some((line) => line.includes('missing-on-purpose')) && all;
    });
    const trouble = read.filter((line) => / (WRN|ERR|FTL) /.test(line)).filter((line) => !/missing-on-purpose|providerName=letsencrypt\.acme/.test(line));
    assert.deepEqual(trouble, []);
  });
});
