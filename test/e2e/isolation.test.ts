import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { before, describe, test } from 'node:test';
import type { ContainerInspectInfo, NetworkInspectInfo } from 'dockerode';
import { commitHostLabel } from '../../src/domain/host.ts';
import { appLabels, labelKeys, networkLabels, reservedKeys } from '../../src/domain/labels.ts';
import { app } from '../support/apps.ts';
import { openServing, type Story } from '../support/story.ts';
import { untilComment, untilServes, useWorld } from '../support/world.ts';

describe('the container of a preview', () => {
  const world = useWorld({ PREVIEW_MEMORY: '64m', PREVIEW_CPUS: '0.5', LOG_LEVEL: 'trace' });
  let story: Story;
  let container: ContainerInspectInfo;
  let network: NetworkInspectInfo;
  before(async () => {
    const files = app({ text: 'alone', instruction: 'HEALTHCHECK CMD false' });
    story = await openServing(world(), { repository: 'alone', files, text: 'alone' });
    const [name = ''] = (await world().remains()).containers;
    container = await world().docker.getContainer(name).inspect();
    network = await world().docker.getNetwork(`kosuke-preview-${story.host}`).inspect();
  });

  test('has nothing of the host: no port, no bind, no socket, no namespace, few capabilities', () => {
    const { HostConfig, Mounts, NetworkSettings, Config } = container;
    assert.deepEqual(Mounts, []);
    assert.deepEqual(HostConfig.Binds ?? [], []);
    assert.deepEqual(HostConfig.PortBindings ?? {}, {});
    assert.equal(HostConfig.PublishAllPorts, false);
    for (const bindings of Object.values(NetworkSettings.Ports)) assert.equal(bindings, null);
    assert.equal(HostConfig.Privileged, false);
    assert.deepEqual(HostConfig.CapDrop, ['ALL']);
    assert.deepEqual(
      HostConfig.CapAdd?.map((name: string) => name.replace(/^CAP_/, '')).toSorted(),
      ['CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'FSETID', 'KILL', 'NET_BIND_SERVICE', 'SETGID', 'SETUID'],
    );
    assert.deepEqual(HostConfig.SecurityOpt, ['no-new-privileges']);
    assert.deepEqual([HostConfig.PidMode, HostConfig.UTSMode, HostConfig.IpcMode], ['', '', 'private']);
    assert.partialDeepStrictEqual(HostConfig, { CgroupnsMode: 'private', UsernsMode: '' });
    assert.deepEqual(HostConfig.Devices ?? [], []);
    assert.deepEqual(Config.Healthcheck?.Test, ['NONE']);
  });

  test('is limited in memory, processors, processes and log', () => {
    const { HostConfig } = container;
    assert.equal(HostConfig.Memory, 64 * 1024 * 1024);
    assert.equal(HostConfig.MemorySwap, HostConfig.Memory);
    assert.equal(HostConfig.NanoCpus, 500_000_000);
    assert.ok(HostConfig.PidsLimit! > 0 && HostConfig.PidsLimit! <= 1024);
    assert.deepEqual(HostConfig.LogConfig, { Type: 'json-file', Config: { 'max-size': '10m', 'max-file': '2' } });
    assert.equal(HostConfig.Init, true);
    assert.deepEqual(HostConfig.RestartPolicy, { Name: 'no', MaximumRetryCount: 0 });
  });

  test('is alone with its app in a small network of the pool', async () => {
    assert.deepEqual(Object.keys(container.NetworkSettings.Networks), [`kosuke-preview-${story.host}`]);
    const subnet = network.IPAM?.Config?.[0]?.Subnet ?? '';
    assert.match(subnet, /^10\.232\.\d+\.\d+\/(2[4-9]|30)$/);
    assert.deepEqual(Object.keys(network.Containers ?? {}), [container.Id]);
    assert.equal(network.EnableIPv6, false);
    const previewId = Number(container.Config.Labels[labelKeys.preview]);
    assert.deepEqual(network.Labels, networkLabels({ instance: world().instance, previewId }));
  });

  test('carries exactly the labels of the contract', () => {
    const deploymentId = Number(container.Name.split('-').at(-1));
    const projectId = Number(story.host.split('-')[1]);
    const sha = story.pull.head.sha;
    const labels = container.Config.Labels;
    const reserved = new Set(reservedKeys(labels));
    assert.deepEqual(
      Object.fromEntries(Object.entries(labels).filter(([key]) => reserved.has(key))),
      appLabels({
        instance: world().instance,
        projectId,
        previewId: Number(container.Config.Labels[labelKeys.preview]),
        deploymentId,
        sha,
        containerName: container.Name.slice(1),
        networkName: `kosuke-preview-${story.host}`,
        host: `${story.host}.kosuke.localhost`,
        authority: new URL(world().url(story.host)).host,
        commitHost: `${commitHostLabel(projectId, sha, deploymentId)}.kosuke.localhost`,
        entryPoint: 'web',
        port: 3000,
        edge: true,
      }),
    );
    assert.ok(!Object.keys(container.Config.Labels).some((key) => key.includes('.tls')));
  });

  test('and its environment, image and logs know none of our secrets', async () => {
    const { github, docker, program } = world();
    await github.commit({ repository: story.repository, branch: story.branch, files: app({ text: 'again' }) });
    await untilServes(world(), story.host, 'again');
    await untilComment(world(), story.repository, story.pull.number, /🟢 Running \|/);

    const env = Object.fromEntries(container.Config.Env.map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]));
    assert.deepEqual(env, {
      PATH: env['PATH'],
      PORT: '3000',
      PREVIEW_URL: world().url(story.host),
      PREVIEW_HOST: `${story.host}.kosuke.localhost`,
      PREVIEW_BRANCH: story.branch,
      PREVIEW_COMMIT: story.pull.head.sha,
      PREVIEW_PULL_REQUEST: env['PREVIEW_PULL_REQUEST'],
    });
    assert.match(env['PREVIEW_PULL_REQUEST'] ?? 'none', /^(|1)$/);

    const history = JSON.stringify(await docker.getImage(container.Image).history());
    const logs = await Promise.all(github.deployments(story.repository).map(async ({ statuses }) => (await world().get(`${statuses[0]?.logUrl}?format=text`)).text));
    const written = await readFile(program.logFile, 'utf8');
    assert.ok(logs.length >= 2 && logs.every((text) => text.includes('COPY')) && written.length > 1_000);
    const places = { container: JSON.stringify(container), history, logs: logs.join('\n'), written };
    const keyBody = program.env['PRIVATE_KEY']!.split('\n')[1]!;
    for (const [place, text] of Object.entries(places)) {
      assert.doesNotMatch(text, /gh[sp]_[A-Za-z0-9]{16,}/, `an installation token stands in the ${place}`);
      assert.doesNotMatch(text, /BEGIN (RSA )?PRIVATE KEY/, `a private key stands in the ${place}`);
      assert.ok(!text.includes(keyBody), `the private key stands in the ${place}`);
      assert.ok(!text.includes(program.env['WEBHOOK_SECRET']!), `the webhook secret stands in the ${place}`);
      assert.doesNotMatch(text, /eyJ[A-Za-z0-9_-]{20,}\.eyJ/, `an App's token stands in the ${place}`);
    }
  });
});
