import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { appLabels, containerService, instanceFilter, networkLabels, previewFilter, reservedKeys, versionMiddleware } from '../../../src/domain/labels.ts';
import type { AppLabelFacts } from '../../../src/domain/labels.ts';
import { hostileBranches } from '../../fixtures/hostile-branches.ts';

const sha = '3f2c1aa0b1c2d3e4f5061728394a5b6c7d8e9f00';
const name = 'kosuke-preview-project-1-feature-a-7';
const facts: AppLabelFacts = {
  instance: 'k3f2c1aa0b1',
  projectId: 1,
  previewId: 4,
  deploymentId: 7,
  sha,
  containerName: name,
  networkName: 'kosuke-preview-project-1-feature-a',
  host: 'project-1-feature-a.kosuke.ai',
  authority: 'project-1-feature-a.kosuke.ai',
  commitHost: 'project-1--3f2c1aa0b1-7.kosuke.ai',
  entryPoint: 'websecure',
  port: 8080,
  edge: true,
};
const own = {
  'kosuke.instance': 'k3f2c1aa0b1',
  'kosuke.v': '1',
  'kosuke.kind': 'app',
  'kosuke.project': '1',
  'kosuke.preview': '4',
  'kosuke.deployment': '7',
  'kosuke.commit': sha,
};

test('an app behind Traefik carries exactly these labels', () => {
  assert.deepEqual(appLabels(facts), {
    ...own,
    'kosuke.edge': 'true',
    'traefik.enable': 'true',
    'traefik.docker.network': 'kosuke-preview-project-1-feature-a',
    [`traefik.http.routers.${name}.rule`]: 'Host(`project-1-feature-a.kosuke.ai`)',
    [`traefik.http.routers.${name}.entrypoints`]: 'websecure',
    [`traefik.http.routers.${name}.priority`]: '1007',
    [`traefik.http.routers.${name}.middlewares`]: name,
    [`traefik.http.routers.${name}.service`]: name,
    [`traefik.http.routers.${name}-commit.rule`]: 'Host(`project-1--3f2c1aa0b1-7.kosuke.ai`)',
    [`traefik.http.routers.${name}-commit.entrypoints`]: 'websecure',
    [`traefik.http.routers.${name}-commit.priority`]: '1007',
    [`traefik.http.routers.${name}-commit.middlewares`]: `${name},${name}-host`,
    [`traefik.http.routers.${name}-commit.service`]: name,
    [`traefik.http.middlewares.${name}-host.headers.customrequestheaders.Host`]: 'project-1-feature-a.kosuke.ai',
    [`traefik.http.services.${name}.loadbalancer.server.port`]: '8080',
    [`traefik.http.middlewares.${name}.headers.customresponseheaders.X-Kosuke-Deployment`]: '7',
    [`traefik.http.middlewares.${name}.headers.customresponseheaders.X-Kosuke-Commit`]: sha,
    [`traefik.http.middlewares.${name}.headers.customresponseheaders.X-Robots-Tag`]: 'noindex',
  });
});

test('no label speaks of TLS: the entry point has the one wildcard certificate', () => {
  assert.deepEqual(Object.keys(appLabels(facts)).filter((key) => key.includes('tls')), []);
});

test('without Traefik only the labels by which we know our own are left', () => {
  assert.deepEqual(appLabels({ ...facts, edge: false }), own);
});

test('a network carries whose it is and of which preview', () => {
  assert.deepEqual(networkLabels({ instance: 'k3f2c1aa0b1', previewId: 4 }), { 'kosuke.instance': 'k3f2c1aa0b1', 'kosuke.preview': '4' });
});

test('filters and file-provider names', () => {
  assert.equal(instanceFilter('k3f2c1aa0b1'), 'kosuke.instance=k3f2c1aa0b1');
  assert.equal(previewFilter(4), 'kosuke.preview=4');
  assert.equal(versionMiddleware(name), `${name}@docker`);
  assert.equal(containerService(name), `${name}@docker`);
});

test('property: text that our naming does not make never gets into a label', () => {
  const fields = ['instance', 'sha', 'containerName', 'networkName', 'host', 'authority', 'commitHost', 'entryPoint'] as const;
  const evil = fc.oneof(fc.constantFrom(...hostileBranches), fc.string({ unit: 'binary' }), fc.string().map((text) => `project-1-a.kosuke.ai${text}`), fc.string().map((text) => `${name}${text}`));
  fc.assert(
    fc.property(fc.constantFrom(...fields), evil, (field, text) => {
      const change = { ...facts, [field]: text };
      let labels: Record<string, string>;
      try {
        labels = appLabels(change);
      } catch (error) {
        assert.ok(error instanceof TypeError);
        return;
      }
      assert.match(text, field === 'authority' ? /^[a-z0-9.-]+(?::\d{1,5})?$/ : /^[A-Za-z0-9._-]+$/);
      for (const [key, value] of Object.entries(labels)) {
        const pattern = key.endsWith('-commit.middlewares') ? /^([A-Za-z0-9._-]+),\1-host$/ : key.endsWith('.Host') ? /^[a-z0-9.-]+(?::\d{1,5})?$/ : /^(?:[A-Za-z0-9._-]+|Host\(`[a-z0-9.-]+`\))$/;
        assert.match(key, /^[A-Za-z0-9._-]+$/);
        assert.match(value, pattern);
      }
    }),
    { numRuns: 500 },
  );
});

test('a rule cannot be widened, and a number must be one', () => {
  const bad: Partial<AppLabelFacts>[] = [
    { host: 'a.kosuke.ai`)||Host(`b.kosuke.ai' }, { host: 'project-1-a.kosuke.ai\n' }, { host: '' }, { host: 'localhost' }, { host: 'PROJECT-1-a.kosuke.ai' }, { commitHost: 'a..b' },
    { authority: 'a.kosuke.ai:0' }, { authority: 'a.kosuke.ai:8080,x' }, { authority: 'a.kosuke.ai:' }, { authority: 'a.kosuke.ai:123456' },
    { sha: 'main' }, { sha: sha.slice(0, 39) }, { containerName: 'other' }, { containerName: `${name}.x` }, { networkName: 'bridge' }, { entryPoint: 'a,b' }, { instance: '' },
    { port: 0 }, { port: 65_536 }, { port: 1.5 }, { port: Number.NaN }, { deploymentId: 0 }, { deploymentId: 2 ** 53 }, { projectId: -1 }, { previewId: 1.5 },
  ];
  for (const change of bad) assert.throws(() => appLabels({ ...facts, ...change }), TypeError, JSON.stringify(change));
  for (const text of hostileBranches) assert.throws(() => versionMiddleware(text), TypeError, text);
});

test('keys that only we may set are found in any spelling that Traefik would read', () => {
  const reserved = ['traefik.enable', 'Traefik.Enable', 'TRAEFIK.http.routers.x.rule', 'kosuke.instance', 'KOSUKE.v', 'traefi\u212a.enable', 'traef\u0130k.enable', ' traefik.enable', 'ko\u017fuke.edge', 'com.docker.compose.project', 'Com.Docker.Stack.namespace', 'com.docker.swarm.service.id'];
  for (const key of reserved) assert.deepEqual(reservedKeys({ [key]: 'x', maintainer: 'y' }), [key], key);
});

test('other keys are left alone', () => {
  const free = ['maintainer', 'io.kosuke-preview.stand-in', 'org.opencontainers.image.source', 'traefikee', 'kosuke', 'com.traefik.x', 'my.traefik.enable', 'com.docker.image.source.entrypoint', 'com.docker.extension.x', 'comXdocker.compose.project', ''];
  assert.deepEqual(reservedKeys(Object.fromEntries(free.map((key) => [key, 'x']))), []);
});

test('all labels that we set are reserved ones', () => {
  const labels = appLabels(facts);
  assert.deepEqual(reservedKeys(labels), Object.keys(labels).toSorted());
});
