import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { after, test } from 'node:test';
import { pack } from 'tar-stream';
import { createImageBuilder } from '../../../src/build/image-builder.ts';
import type { LogLine } from '../../../src/domain/deployment.ts';
import { KosukeError, type FailureCode } from '../../../src/domain/errors.ts';
import type { BuildRequest } from '../../../src/reconcile/ports/image-builder.ts';
import { engineForTest } from '../../support/engine.ts';
import { eventually } from '../../support/eventually.ts';

const { docker, engine, instance, log, spec, cleanUp } = engineForTest();
const imageKey = randomBytes(32);
const builder = createImageBuilder({ docker, log, imageKey });
const signal = new AbortController().signal;
const nonce = randomBytes(6).toString('hex');
after(cleanUp);

let builds = 0;
function request(dockerfileText: string, changes: Partial<BuildRequest> & { files?: Record<string, string> } = {}): BuildRequest {
  const { files = {}, ...rest } = changes;
  return {
    context: () => contextOf(files),
    ignore: null,
    dockerfileText: `FROM busybox:1.37\nENV NONCE=${nonce}\n${dockerfileText}`,
    tag: `kosuke-test/${instance}:b${++builds}`,
    args: {},
    cacheNamespace: `test-${nonce}`,
    noCache: false,
    timeoutMs: 60_000,
    ...rest,
  };
}

function contextOf(files: Record<string, string>): Readable {
  const tar = pack();
  for (const [name, content] of Object.entries(files)) tar.entry({ name, mtime: new Date(0) }, content);
  tar.finalize();
  return Readable.from(tar, { objectMode: false });
}

async function build(asked: BuildRequest, abort: AbortSignal = signal): Promise<{ lines: LogLine[]; imageId: string }> {
  const lines: LogLine[] = [];
  const { imageId } = await builder.build(asked, (line) => lines.push(line), abort);
  return { lines, imageId };
}

const failsWith = (code: FailureCode, fault: 'app' | 'us', text: RegExp) => (error: unknown) => {
  assert.ok(error instanceof KosukeError, String(error));
  assert.deepEqual([error.failure.code, error.failure.fault], [code, fault], JSON.stringify(error.failure));
  assert.match(`${error.failure.what}\n${error.failure.why}\n${error.failure.logTail ?? ''}`, text);
  return true;
};

async function outputOf(image: string): Promise<string> {
  const { id } = await engine.createContainer(spec(60 + builds, { image }), signal);
  await engine.startContainer(id, signal);
  await eventually('it exits', async () => (await engine.things(signal)).containers.find((one) => one.id === id)?.status === 'exited');
  return await engine.logTail(id, 10_000, signal);
}

test('a build gives an image and its log: steps, output, ends; the second time from the cache', async () => {
  const text = 'COPY greeting /greeting\nRUN cat /greeting; echo careful >&2\nCMD ["cat", "/greeting"]\n';
  const asked = request(text, { files: { greeting: 'hello\nwörld' } });
  const { lines, imageId } = await build(asked);
  assert.equal((await engine.image(asked.tag, signal))?.id, imageId);
  assert.equal(await outputOf(asked.tag), 'hello\nwörld');

  const run = '[3/3] RUN cat /greeting; echo careful >&2';
  assert.deepEqual(
    lines.filter((line) => line.stream === 'step').map((line) => line.text.replace(/(?:cached|done in \d+\.\d s)$/, 'ended')),
    ['[1/3] FROM docker.io/library/busybox:1.37', '[1/3] ended', '[2/3] COPY greeting /greeting', '[2/3] ended', run, '[3/3] ended'],
  );
  assert.deepEqual(lines.filter((line) => line.stream === 'stdout').map(({ step, text }) => ({ step, text })), [
    { step: run, text: 'hello' },
    { step: run, text: 'wörld' },
  ]);
  assert.deepEqual(lines.filter((line) => line.stream === 'stderr').map(({ step, text }) => ({ step, text })), [{ step: run, text: 'careful' }]);
  for (const line of lines) assert.ok(Math.abs(line.at.getTime() - Date.now()) < 60_000, line.at.toISOString());
  assert.deepEqual(lines.filter((line) => /internal|exporting|context/.test(line.text)), []);

  const again = await build(request(text, { files: { greeting: 'hello\nwörld' } }));
  const steps = again.lines.map((line) => line.text);
  assert.ok(steps.includes('[2/3] cached') && steps.includes('[3/3] cached'), steps.join('\n'));
  const anew = await build(request(text, { files: { greeting: 'hello\nwörld' }, noCache: true }));
  assert.ok(!anew.lines.some((line) => line.text === '[3/3] cached'));
});

test('the given Dockerfile is what is built, whatever the one in the context and .dockerignore say', async () => {
  const asked = request('COPY . /all\nCMD ["sh", "-c", "cat /all/page; ls -a /all"]\n', {
    files: { '.dockerignore': '*\n', Dockerfile: '# syntax=evil/frontend\nFROM nothing\n', page: 'page\n' },
  });
  await build(asked);
  const output = await outputOf(asked.tag);
  assert.match(output, /^page\n/);
  assert.deepEqual(output.trim().split('\n').slice(1).toSorted(), ['.', '..', '.dockerignore', 'Dockerfile', 'page']);
});

test('a step that fails is named with its exit code and the end of its output', async () => {
  const text = 'RUN true\nRUN for i in $(seq 100); do echo line $i; done; echo broken >&2; exit 3\nRUN echo never\n';
  await assert.rejects(build(request(text)), (error) => {
    assert.ok(failsWith('build-failed', 'app', /broken/)(error));
    const { failure } = error as KosukeError;
    assert.equal(failure.what, 'The build failed at [3/4] RUN for i in $(seq 100); do echo line $i; done; echo broken >&2; exit 3 (line 4 of the Dockerfile)');
    assert.equal(failure.why, 'The command ended with exit code 3');
    assert.equal(failure.logTail?.split('\n').length, 40);
    assert.match(failure.logTail ?? '', /line 100/);
    assert.doesNotMatch(failure.logTail ?? '', /^line 1$/m);
    return true;
  });
});

test('a missing file, a word that is no instruction and an empty Dockerfile are told in the words of BuildKit', async () => {
  await assert.rejects(build(request('COPY nothing /x\n')), failsWith('build-failed', 'app', /^The build failed at \[2\/2\] COPY nothing \/x \(line 3 of the Dockerfile\)\n.*"\/nothing".*not found/s));
  await assert.rejects(build(request('RUNN x\n')), failsWith('build-failed', 'app', /^The build failed\n.*unknown instruction: RUNN/is));
  await assert.rejects(build({ ...request(''), dockerfileText: '' }), failsWith('build-failed', 'app', /^The build failed\n.*cannot be empty/s));
});

test('a build whose signal ends is over within half a second, with its reason, and nothing of it runs on', async () => {
  const marker = `marker-${randomBytes(6).toString('hex')}`;
  const caller = new AbortController();
  const reason = new Error('a newer push came');
  const lines: LogLine[] = [];
  const building = builder.build(request(`RUN echo ${marker}; sleep 600; true\n`), (line) => lines.push(line), caller.signal);
  const rejected = assert.rejects(building, reason);
  await eventually('the step runs', () => lines.some((line) => line.stream === 'stdout' && line.text === marker), { within: 20_000 });
  assert.ok(await isRunning(marker));
  const at = performance.now();
  caller.abort(reason);
  await rejected;
  assert.ok(performance.now() - at < 500);
  await eventually('the command ends', async () => !(await isRunning(marker)));
});

test('a build that takes too long is the doing of the app, and the limit is named', async () => {
  await assert.rejects(
    build(request('RUN echo waiting; sleep 600\n', { timeoutMs: 2_000 })),
    failsWith('build-timeout', 'app', /^The build took longer than 2 seconds\n.*BUILD_TIMEOUT/s),
  );
});

test('cache mounts of two namespaces do not see one another, those of one do', async () => {
  const text = (content: string) => `RUN --mount=type=cache,id=shared,target=/cache cat /cache/* ; echo ${content} > /cache/file-${content}\n`;
  const seen = async (content: string, cacheNamespace: string) =>
    (await build(request(text(content), { cacheNamespace }))).lines.filter((line) => line.stream === 'stdout').map((line) => line.text);
  assert.deepEqual(await seen('one', `a-${nonce}`), []);
  assert.deepEqual(await seen('two', `b-${nonce}`), []);
  assert.deepEqual(await seen('three', `a-${nonce}`), ['one']);
});

test('output without end and without line ends neither fills the memory nor the log', async () => {
  const before = process.memoryUsage().rss;
  const { lines } = await build(request('RUN head -c 50000000 /dev/zero | tr "\\\\0" x; echo; echo done\n'));
  const output = lines.filter((line) => line.stream !== 'step');
  assert.ok(output.every((line) => line.text.length <= 8_193));
  assert.ok(output.length < 10_000);
  assert.ok(process.memoryUsage().rss - before < 200_000_000);
});

test('an archive that breaks off is its own error, and nothing is built from half of it', async () => {
  const cause = new KosukeError({ code: 'git', fault: 'us', what: 'Reading the files failed', why: 'killed', next: '' });
  const whole = await buffer(contextOf({ page: 'x'.repeat(100_000) }));
  const half = new Readable({ read: () => undefined });
  half.push(whole.subarray(0, 50_000));
  setImmediate(() => half.destroy(cause));
  await assert.rejects(build(request('RUN true\n', { context: () => half })), cause);
  const short = Readable.from([Buffer.alloc(0)]);
  await assert.rejects(build(request('RUN true\n', { context: () => short })), failsWith('engine', 'us', /stopped before its end/));
});

test('an engine that is not there is ours', async () => {
  const { default: Dockerode } = await import('dockerode');
  const nowhere = createImageBuilder({ docker: new Dockerode({ socketPath: '/nonexistent/docker.sock' }), log, imageKey });
  await assert.rejects(nowhere.build(request('RUN true\n'), () => undefined, signal), failsWith('engine', 'us', /ENOENT/));
});

/** Whether a process of this machine has the marker in its command line; a build runs on it, for the engine is local. */
async function isRunning(marker: string): Promise<boolean> {
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    // A process may end between the listing and the look.
    if ((await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).includes(marker)) return true;
  }
  return false;
}

test('what .dockerignore names does not get into the image', async () => {
  const asked = request('COPY . /app\nCMD ["sh", "-c", "cd /app && find . -type f | sort"]', {
    files: { '.env': 'SECRET', 'src/a.txt': 'a', 'node_modules/x/index.js': 'x', Dockerfile: 'x' },
    ignore: 'node_modules\n**/.env\n',
  });
  await build(asked);
  assert.equal(await outputOf(asked.tag), './Dockerfile\n./src/a.txt\n');
});

test('rules of .dockerignore that take too long end the build by their own error, as do rules that are none', async () => {
  const files = { ['a'.repeat(8_000)]: 'x' };
  await assert.rejects(build(request('COPY . /app\n', { files, ignore: '*a'.repeat(30_000) })), failsWith('too-large', 'app', /\.dockerignore takes too long/));
  await assert.rejects(build(request('COPY . /app\n', { files, ignore: '[' })), failsWith('build-failed', 'app', /\.dockerignore holds a rule that cannot be read: \[/));
});

test('a step that writes line ends only gives a log of bounded length', async () => {
  const { lines } = await build(request('RUN head -c 1000000 /dev/zero | tr "\\\\0" "\\\\n"; echo the last\n'));
  assert.ok(lines.length > 10_000 && lines.length <= 12_002, String(lines.length));
  assert.ok(lines.some(({ stream, text }) => stream === 'note' && text.endsWith('lines are left out here')));
});
