import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';
import { createImageBuilder } from '../../../src/build/image-builder.ts';
import { KosukeError, type Failure } from '../../../src/domain/errors.ts';
import { unreadChmod, unreadFeature } from '../../../src/domain/frontend-features.ts';
import { engineForTest } from '../../support/engine.ts';

const { docker, instance, log, cleanUp } = engineForTest();
const builder = createImageBuilder({ docker, log, imageKey: randomBytes(32) });
const signal = new AbortController().signal;
const elsewhere = createServer((request, response) => {
  if (request.url === '/cut') {
    response.writeHead(200, { 'content-length': '100000' });
    response.write('abc', () => response.destroy());
  } else if (request.url === '/v2/') response.end('{}');
  else response.writeHead(request.url?.includes('/busy/') ? 503 : 404).end('{}');
});
let address = '';
before(async () => {
  await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
  address = `127.0.0.1:${(elsewhere.address() as AddressInfo).port}`;
});
after(async () => {
  elsewhere.closeAllConnections();
  elsewhere.close();
  await cleanUp();
});

let builds = 0;
async function failure(dockerfileText: string, files: Record<string, Buffer> = {}): Promise<Failure> {
  const request = {
    context: () => contextOf(files),
    dockerfileText,
    ignore: null,
    tag: `kosuke-test/${instance}:fault-${++builds}`,
    cacheNamespace: instance,
    noCache: false,
    timeoutMs: 60_000,
    args: {},
  };
  const error: unknown = await builder.build(request, () => undefined, signal).then(() => null, (reason: unknown) => reason);
  assert.ok(error instanceof KosukeError, String(error));
  return error.failure;
}

function contextOf(files: Record<string, Buffer>): Readable {
  const tar = pack();
  for (const [name, content] of Object.entries(files)) tar.entry({ name, mtime: new Date(0) }, content);
  tar.finalize();
  return Readable.from(tar, { objectMode: false });
}

describe('a build that breaks on the engine', () => {
  const base = 'FROM busybox:1.37\n\n';

  test('at an address that is dead, breaks off or is unknown is the repository’s, with its line', async () => {
    for (const [url, why] of [[`http://${address}/gone`, /invalid response status 404/], [`http://${address}/cut`, /unexpected EOF/], ['http://nowhere.invalid/x', /nowhere\.invalid/], ['http://127.0.0.1:1/x', /connection refused/]] as const) {
      const told = await failure(`${base}ADD ${url} /x\n`);
      assert.deepEqual([told.code, told.fault], ['build-failed', 'app'], JSON.stringify(told));
      assert.match(told.what, new RegExp(`^The build failed at .*ADD ${url} /x \\(line 3 of the Dockerfile\\)$`));
      assert.match(told.why, why);
    }
  });

  test('at an archive that is broken is the repository’s, with its line', async () => {
    const whole = gzipSync(await buffer(contextOf({ a: randomBytes(50_000) })));
    const told = await failure(`${base}ADD x.tar.gz /x/\n`, { 'x.tar.gz': whole.subarray(0, 20_000) });
    assert.deepEqual([told.code, told.fault], ['build-failed', 'app']);
    assert.match(told.what, /ADD x\.tar\.gz \/x\/ \(line 3 of the Dockerfile\)$/);
    assert.match(told.why, /unexpected EOF/);
  });

  test('at a registry that is busy or away is ours, at one that has no such image the repository’s', async () => {
    const faults = async (dockerfile: string) => (await failure(dockerfile)).fault;
    assert.equal(await faults(`FROM ${address}/busy/x:1\n`), 'us');
    assert.equal(await faults('FROM 127.0.0.1:1/x:1\n'), 'us');
    assert.equal(await faults(`${base}COPY --from=${address}/busy/x:1 /a /a\n`), 'us');
    assert.equal(await faults(`${base}COPY --from=${address}/none/x:1 /a /a\n`), 'app');
    assert.match((await failure(`${base}FROM ${address}/none/x:1\n`)).what, /none\/x:1 \(line 3 of the Dockerfile\)$/);
  });

  test('because it asks for .git is told what is there instead', async () => {
    const copied = await failure(`${base}COPY .git ./.git\n`);
    assert.match(copied.why, /\.git is no part of a build/);
    assert.match(copied.next, /`KOSUKE_COMMIT`, `KOSUKE_BRANCH` and `SOURCE_DATE_EPOCH`/);
    const mounted = await failure(`${base}RUN --mount=type=bind,source=.git,target=/g cat /g/HEAD\n`);
    assert.match(mounted.why, /\.git is no part of a build/, JSON.stringify(mounted));
    const asked = await failure(`${base}RUN echo "fatal: not a git repository" >&2; exit 128\n`);
    assert.match(asked.why, /exit code 128\. The folder \.git is no part of a build/);
  });

  test('at a flag that a newer frontend reads is the engine’s age, at a slip of the pen the repository’s', async () => {
    const { Version: version } = await docker.version();
    const cases = [
      ['COPY --parents a /b', 'Unknown flag: parents'],
      ['COPY --link a /b', 'Unknown flag: link'],
      ['RUN <<END\ntrue\nEND', 'parse error line 4: unknown instruction: TRUE'],
      ['RUN --mount=type=secret,id=x,env=Y true', "unexpected key 'env' in 'env=Y'"],
    ] as const;
    for (const [instruction, complaint] of cases) {
      const expected = unreadFeature(base + instruction, complaint, version);
      // An engine that reads it has nothing to say.
      if (expected === null) continue;
      const told = await failure(`${base}${instruction}\n`, { a: Buffer.from('a') });
      assert.deepEqual([told.code, told.fault, told.engineVersion], ['engine-too-old', 'us', version], JSON.stringify(told));
      assert.ok(told.what.includes(expected.name) && told.why.includes(`line 3 of the Dockerfile is "${instruction.split('\n')[0]}"`) && told.next.includes(expected.engine!), JSON.stringify(told));
    }
    if (unreadChmod('COPY --chmod=u+x a /a', null, version) !== null) {
      const denied = await failure(`${base}COPY --chmod=u+x a /a\nRUN /a\n`, { a: Buffer.from('#!/bin/sh\n') });
      assert.deepEqual([denied.code, denied.engineVersion], ['engine-too-old', version], JSON.stringify(denied));
      assert.match(denied.what, /too old for COPY --chmod with letters$/);
      const plain = await failure(`${base}COPY a /a\nRUN /a\n`, { a: Buffer.from('#!/bin/sh\n') });
      assert.deepEqual([plain.code, plain.fault], ['build-failed', 'app']);
    }
    for (const slip of ['COPY --lnk a /b', 'FRMO x']) {
      const told = await failure(`${base}${slip}\n`, { a: Buffer.from('a') });
      assert.deepEqual([told.code, told.fault], ['build-failed', 'app']);
      assert.match(told.why, /line 3/);
    }
  });
});
