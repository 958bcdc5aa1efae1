import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { pino } from 'pino';
import { parse, stringify } from 'yaml';
import { KosukeError } from '../../../src/domain/errors.ts';
import { createEdge } from '../../../src/edge/edge.ts';

function certificateIn(text: string): { certFile: string; keyFile: string } {
  const config = parse(text) as { tls: { stores: { default: { defaultCertificate: { certFile: string; keyFile: string } } } } };
  return config.tls.stores.default.defaultCertificate;
}

describe("writing into Traefik's directory", () => {
  let dynamicDir: string;
  beforeEach(async () => {
    dynamicDir = await mkdtemp(join(tmpdir(), 'kosuke-edge-'));
  });
  afterEach(() => rm(dynamicDir, { recursive: true, force: true }));

  const edgeAt = (now: Date, directory = dynamicDir) =>
    createEdge({
      dynamicDir: directory,
      gateUrl: 'http://127.0.0.1:1',
      entryPoint: 'web',
      previewDomain: 'kosuke.localhost',
      edgeAddress: { host: '127.0.0.1', port: 1 },
      scheme: 'http',
      clock: { now: () => now },
      log: pino({ level: 'silent' }),
    });
  const hold = { deploymentId: 5, host: 'project-1-a.kosuke.localhost', to: 'gate' as const };

  it('does not touch a file that says the same already', async () => {
    const edge = edgeAt(new Date());
    await edge.writeGate();
    await edge.writeHold(hold);
    const files = ['kosuke-gate.yml', 'kosuke-hold-5.yml'];
    assert.deepEqual((await readdir(dynamicDir)).sort(), files);
    const inodes = () => Promise.all(files.map(async (name) => (await stat(join(dynamicDir, name))).ino));
    const before = await inodes();
    await edge.writeGate();
    await edge.writeHold(hold);
    assert.deepEqual(await inodes(), before);
    await edge.writeHold({ ...hold, host: 'project-1-b.kosuke.localhost' });
    assert.notDeepEqual(await inodes(), before);
  });

  it('keeps the certificate for unknown names until a month before its end, and makes another of one that is broken', async () => {
    const now = new Date();
    const certificateAt = async (at: Date) => {
      await edgeAt(at).writeGate();
      return certificateIn(await readFile(join(dynamicDir, 'kosuke-gate.yml'), 'utf8'));
    };
    const first = await certificateAt(now);
    const { certFile, keyFile } = first;
    assert.equal(new X509Certificate(certFile).checkPrivateKey(createPrivateKey(keyFile)), true);
    const years = (count: number) => new Date(now.getTime() + count * 365 * 24 * 3_600_000);
    assert.deepEqual(await certificateAt(years(9)), first);
    assert.notDeepEqual(await certificateAt(years(10)), first);

    const gate = join(dynamicDir, 'kosuke-gate.yml');
    await writeFile(gate, stringify({ tls: { stores: { default: { defaultCertificate: { certFile: 'x', keyFile } } } } }));
    assert.equal(new X509Certificate((await certificateAt(now)).certFile).subject, new X509Certificate(certFile).subject);
  });

  it('leaves out the certificate for unknown names where the operator says what to show', async () => {
    await writeFile(join(dynamicDir, 'dynamic.yml'), '# {{ env "X" }}\ntls: { stores: { default: { defaultGeneratedCert: { resolver: a } } } }\n');
    await edgeAt(new Date()).writeGate();
    assert.equal((await readFile(join(dynamicDir, 'kosuke-gate.yml'), 'utf8')).includes('PRIVATE KEY'), false);
  });

  it('lists holds that it cannot read, can write them anew, and takes other files for nobody’s', async () => {
    const edge = edgeAt(new Date());
    await writeFile(join(dynamicDir, 'kosuke-hold-5.yml'), 'http: {}\n');
    await writeFile(join(dynamicDir, 'dynamic.yml'), 'http: {}\n');
    assert.deepEqual(await edge.holds(), [{ deploymentId: 5, host: '', to: 'unreadable' }]);
    await edge.writeHold(hold);
    assert.deepEqual(await edge.holds(), [hold]);
  });

  it('clears away what a killed writer left, once it is old, and nothing else', async () => {
    const now = new Date();
    const young = 'kosuke-hold-6.yml.00112233aabb.tmp';
    const old = 'kosuke-gate.yml.00112233aabb.tmp';
    for (const name of [young, old, 'theirs.tmp']) await writeFile(join(dynamicDir, name), 'x');
    const longAgo = new Date(now.getTime() - 120_000);
    for (const name of [old, 'theirs.tmp']) await utimes(join(dynamicDir, name), longAgo, longAgo);
    await edgeAt(now).writeGate();
    assert.deepEqual((await readdir(dynamicDir)).sort(), ['kosuke-gate.yml', young, 'theirs.tmp'].sort());
  });

  it('says so when the directory is not there', async () => {
    const edge = edgeAt(new Date(), join(dynamicDir, 'missing'));
    const failsAsEdge = (error: unknown) => error instanceof KosukeError && error.failure.code === 'edge' && error.retry;
    await assert.rejects(edge.writeGate(), failsAsEdge);
    await assert.rejects(edge.writeHold(hold), failsAsEdge);
    await assert.rejects(edge.holds(), failsAsEdge);
    await edge.removeHold(5);
  });

  it('leaves only whole files behind, whenever it is killed', async () => {
    for (let kill = 0; kill < 4; kill++) {
      const child = spawn(process.execPath, ['--input-type=module', '-e', endlessWriter], {
        env: { MODULE: new URL('../../../src/edge/write-config.ts', import.meta.url).href, DIRECTORY: dynamicDir },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      await once(child.stdout, 'data');
      await delay(5 + kill * 7);
      child.kill('SIGKILL');
      await once(child, 'exit');
      const whole = /^a: \d+\nend: true\n$/;
      for (const name of await readdir(dynamicDir)) {
        if (name.endsWith('.yml')) assert.match(await readFile(join(dynamicDir, name), 'utf8'), whole);
        else assert.match(name, /^kosuke-hold-1\.yml\.[0-9a-f]{12}\.tmp$/);
      }
    }
  });
});

/** Writes one file again and again until it is killed. */
const endlessWriter = `
  const { writeConfig } = await import(process.env.MODULE);
  for (let a = 0; ; a++) {
    await writeConfig(process.env.DIRECTORY, 'kosuke-hold-1.yml', { a, end: true });
    if (a === 0) process.stdout.write('writing');
  }
`;
