import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { gateConfig } from '../../../src/edge/gate-file.ts';
import { holdConfig, holdFileName, holdIdOf, readHold } from '../../../src/edge/hold-file.ts';
import type { Hold } from '../../../src/reconcile/ports/edge.ts';

const host = 'project-1-feature-a.kosuke.ai';
const onVersion: Hold = { deploymentId: 12, host, to: { deploymentId: 11, containerName: 'kosuke-preview-project-1-feature-a-11' } };
const onGate: Hold = { deploymentId: 12, host, to: 'gate' };

describe('the gate file', () => {
  it('catches every preview host last and /_kosuke/ first', () => {
    assert.deepEqual(gateConfig({ gateUrl: 'http://127.0.0.1:3000/', entryPoint: 'websecure', previewDomain: 'kosuke.ai' }, null), {
      http: {
        routers: {
          'kosuke-gate': {
            rule: 'HostRegexp(`^project-[a-z0-9-]+\\.kosuke\\.ai\\.?$`)',
            entryPoints: ['websecure'],
            priority: 1,
            service: 'kosuke-gate',
          },
          'kosuke-gate-own-paths': {
            rule: 'HostRegexp(`^project-[a-z0-9-]+\\.kosuke\\.ai\\.?$`) && PathPrefix(`/_kosuke/`)',
            entryPoints: ['websecure'],
            priority: 2_000_000_000_000,
            service: 'kosuke-gate',
          },
        },
        services: { 'kosuke-gate': { loadBalancer: { passHostHeader: true, servers: [{ url: 'http://127.0.0.1:3000' }] } } },
      },
    });
  });

  it('takes no domain that would not be a domain', () => {
    assert.throws(() => gateConfig({ gateUrl: 'http://127.0.0.1:1', entryPoint: 'web', previewDomain: 'x`) || Host(`y' }, null), /not a valid host/);
  });
});

describe('a hold file', () => {
  it('on a version has a router to it and, one priority lower, one to the gate', () => {
    assert.deepEqual(holdConfig(onVersion, 'web'), {
      http: {
        routers: {
          'kosuke-hold-12-version': {
            rule: 'Host(`project-1-feature-a.kosuke.ai`)',
            entryPoints: ['web'],
            priority: 1_000_000_024,
            service: 'kosuke-preview-project-1-feature-a-11@docker',
            middlewares: ['kosuke-hold-12', 'kosuke-preview-project-1-feature-a-11@docker'],
          },
          'kosuke-hold-12-gate': {
            rule: 'Host(`project-1-feature-a.kosuke.ai`)',
            entryPoints: ['web'],
            priority: 1_000_000_023,
            service: 'kosuke-gate',
            middlewares: ['kosuke-hold-12'],
          },
        },
        middlewares: { 'kosuke-hold-12': { headers: { customResponseHeaders: { 'X-Kosuke-Hold': '12' } } } },
      },
    });
  });

  it('on the gate has only the latter', () => {
    assert.deepEqual(Object.keys(holdConfig(onGate, 'web').http.routers), ['kosuke-hold-12-gate']);
  });

  it('never shares a priority with the hold of another deployment', () => {
    const priorities = [10, 11, 12, 13].flatMap((deploymentId) =>
      Object.values(holdConfig({ ...onVersion, deploymentId }, 'web').http.routers).map((router) => router.priority),
    );
    assert.equal(new Set(priorities).size, 8);
    assert.deepEqual(priorities, priorities.toSorted((a, b) => Math.ceil(a / 2) - Math.ceil(b / 2)));
  });

  it('reads back as what was written', () => {
    for (const hold of [onVersion, onGate]) assert.deepEqual(readHold(12, stringify(holdConfig(hold, 'web')), 'web'), hold);
  });

  it('is unreadable when it is cut off, edited, of another deployment or another entry point', () => {
    const text = stringify(holdConfig(onVersion, 'web'));
    const unreadable = { deploymentId: 12, host: '', to: 'unreadable' };
    const others = [
      '',
      'http:',
      text.replace('1000000024', '5'),
      text.replace('feature-a-11@docker', 'feature-b-11@docker'),
      text.replaceAll('feature-a.kosuke.ai', 'feature-a.kosuke.ai`) || Host(`x.example'),
      `${text}tls: {}\n`,
      '{ unfinished',
      stringify(holdConfig(onVersion, 'websecure')),
      stringify(holdConfig({ ...onVersion, deploymentId: 13 }, 'web')),
    ];
    for (const other of others) assert.deepEqual(readHold(12, other, 'web'), unreadable, other);
    fc.assert(
      fc.property(fc.nat({ max: text.length - 2 }), (length) => {
        assert.deepEqual(readHold(12, text.slice(0, length), 'web'), unreadable);
      }),
    );
  });

  it('is written for nothing but a host name and a container of ours', () => {
    const hosts = ['a`) || Host(`b', 'A.example', 'a b', '', 'a\nb', 'ünï.example'];
    for (const bad of hosts) assert.throws(() => holdConfig({ ...onGate, host: bad }, 'web'), /not a valid host name/);
    const names = ['traefik', 'kosuke-preview-project-1-a-11@file', 'kosuke-preview-project-1-A-11', 'kosuke-preview-project-1-a-11,b'];
    for (const containerName of names) assert.throws(() => holdConfig({ ...onGate, to: { deploymentId: 11, containerName } }, 'web'), TypeError);
    assert.throws(() => holdConfig({ ...onVersion, to: { deploymentId: 10, containerName: 'kosuke-preview-project-1-feature-a-11' } }, 'web'), /is not deployment 10/);
    for (const deploymentId of [0, -1, 1.5, NaN]) assert.throws(() => holdConfig({ ...onGate, deploymentId }, 'web'), /not a valid deployment id/);
  });

  it('is known by its name alone', () => {
    assert.equal(holdFileName(12), 'kosuke-hold-12.yml');
    assert.equal(holdIdOf('kosuke-hold-12.yml'), 12);
    for (const name of ['kosuke-hold-012.yml', 'kosuke-hold-x.yml', 'kosuke-hold-12.yml.0123456789ab.tmp', 'kosuke-gate.yml']) assert.equal(holdIdOf(name), null);
  });
});
