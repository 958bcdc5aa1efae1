import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createOptions } from '../../../src/docker/spec.ts';

const spec = {
  name: 'kosuke-preview-project-1-main-7',
  image: 'kosuke-preview/1:abc-def',
  network: 'kosuke-preview-project-1-main',
  labels: { 'kosuke.instance': 'i-1' },
  env: { PORT: '3000', GREETING: 'a=b "c"\nd' },
  memoryBytes: 536_870_912,
  cpus: 0.25,
  init: true,
};

const expected = {
  name: 'kosuke-preview-project-1-main-7',
  Image: 'kosuke-preview/1:abc-def',
  Labels: { 'kosuke.instance': 'i-1' },
  Env: ['PORT=3000', 'GREETING=a=b "c"\nd'],
  Healthcheck: { Test: ['NONE'] },
  Tty: false,
  OpenStdin: false,
  HostConfig: {
    Init: true,
    NetworkMode: 'kosuke-preview-project-1-main',
    RestartPolicy: { Name: 'no' },
    Privileged: false,
    SecurityOpt: ['no-new-privileges'],
    CapDrop: ['ALL'],
    CapAdd: ['CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'FSETID', 'SETUID', 'SETGID', 'KILL', 'NET_BIND_SERVICE'],
    Memory: 536_870_912,
    MemorySwap: 536_870_912,
    NanoCpus: 250_000_000,
    PidsLimit: 512,
    LogConfig: { Type: 'json-file', Config: { 'max-size': '10m', 'max-file': '2' } },
    IpcMode: 'private',
    CgroupnsMode: 'private',
    Sysctls: { 'net.ipv6.conf.all.disable_ipv6': '1' },
    PublishAllPorts: false,
    PortBindings: {},
  },
};

test('a container is asked for by the allowlist and nothing else', () => {
  assert.deepEqual(createOptions(spec, true), expected);
});

test('without Traefik one port is published, on the loopback address only', () => {
  assert.deepEqual(createOptions({ ...spec, publish: { containerPort: 8080, hostPort: 23_456 } }, true), {
    ...expected,
    ExposedPorts: { '8080/tcp': {} },
    HostConfig: { ...expected.HostConfig, PortBindings: { '8080/tcp': [{ HostIp: '127.0.0.1', HostPort: '23456' }] } },
  });
});

test('on a kernel without IPv6 the switch that turns it off is not asked for', () => {
  assert.deepEqual(createOptions(spec, false).HostConfig.Sysctls, {});
});
