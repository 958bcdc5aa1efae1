import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, test } from 'node:test';
import { isPreviewHost, previewHost, previewUrl, readSettings, type Settings } from '../../src/settings.ts';
import { variables } from '../../src/settings/variables.ts';

const directory = mkdtempSync(join(tmpdir(), 'kosuke-settings-'));
after(() => rmSync(directory, { recursive: true }));

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
const pkcs1 = rsa.export({ type: 'pkcs1', format: 'pem' }).toString();
const pkcs8 = rsa.export({ type: 'pkcs8', format: 'pem' }).toString();
const elliptic = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const secret = 'a-secret-of-the-webhook';
const least = { APP_ID: '123', PRIVATE_KEY: pkcs1, WEBHOOK_SECRET: secret };

test('with the least that must be set, everything else has the default of the contract', () => {
  assert.deepEqual(settingsOf(least), {
    appId: 123,
    privateKey: pkcs8,
    webhookSecret: secret,
    githubUrl: 'https://github.com',
    githubApiUrl: 'https://api.github.com',
    githubClient: null,
    allowedAccounts: null,
    host: '127.0.0.1',
    port: 3000,
    baseDomain: 'kosuke.ai',
    previewDomain: 'kosuke.ai',
    previewScheme: 'https',
    previewPort: 443,
    publicUrl: 'https://kosuke.ai',
    traefikEnabled: true,
    traefikEntryPoint: 'websecure',
    traefikDynamicDir: resolve('data/traefik'),
    traefikContainer: null,
    edgeAddress: { host: '127.0.0.1', port: 443 },
    gateUrl: 'http://127.0.0.1:3000',
    traefikMetricsUrl: null,
    dataDir: resolve('data'),
    databaseUrl: null,
    dockerHost: null,
    instanceId: null,
    encryptionKey: null,
    previewDefaultImage: 'node:24-slim',
    previewMemory: 512 * 1024 ** 2,
    previewCpus: 1,
    previewSubnets: '10.232.0.0/16',
    healthTimeout: 120_000,
    buildConcurrency: 2,
    buildTimeout: 900_000,
    maxPreviews: 30,
    memoryBudget: null,
    diskBudget: null,
    idleAfter: 1_800_000,
    expireAfter: 1_209_600_000,
    sweepInterval: 300_000,
    logLevel: 'info',
    metricsPort: null,
  } satisfies Settings);
});

test('what depends on another variable follows it', () => {
  const settings = settingsOf({ ...least, BASE_DOMAIN: 'Example.COM', PORT: '8000', PREVIEW_SCHEME: 'http', DATA_DIR: '/var/lib/kosuke' });
  assert.equal(settings.previewDomain, 'example.com');
  assert.equal(settings.publicUrl, 'https://example.com');
  assert.equal(settings.previewPort, 80);
  assert.deepEqual(settings.edgeAddress, { host: '127.0.0.1', port: 80 });
  assert.equal(settings.gateUrl, 'http://127.0.0.1:8000');
  assert.equal(settings.traefikDynamicDir, '/var/lib/kosuke/traefik');
  assert.deepEqual(settingsOf({ ...least, PREVIEW_PORT: '8443' }).edgeAddress, { host: '127.0.0.1', port: 8443 });
});

test('each value is read into its type', () => {
  const key = Buffer.alloc(32, 7);
  const settings = settingsOf({
    ...least,
    GHE_HOST: 'localhost:3100', GHE_PROTOCOL: 'http', GITHUB_CLIENT_ID: 'Iv1.x', GITHUB_CLIENT_SECRET: 'y', ALLOWED_ACCOUNTS: ' Acme, octocat,acme ',
    PUBLIC_URL: 'http://127.0.0.1:8080/', TRAEFIK_ENABLED: 'false', TRAEFIK_CONTAINER: 'traefik', EDGE_ADDRESS: '[::1]:8443', GATE_URL: 'http://10.0.0.1:3000',
    DATABASE_URL: 'postgres://a:b@db/kosuke', DOCKER_HOST: 'tcp://127.0.0.1:2376', INSTANCE_ID: 'k0123abcd', ENCRYPTION_KEY: key.toString('base64'),
    PREVIEW_MEMORY: '2g', PREVIEW_CPUS: '0.5', PREVIEW_SUBNETS: '10.99.0.0/20', IDLE_AFTER: 'never', HEALTH_TIMEOUT: '500ms', METRICS_PORT: '9464', LOG_LEVEL: 'silent',
  });
  const expected: Partial<Settings> = {
    githubUrl: 'http://localhost:3100', githubApiUrl: 'http://localhost:3100/api/v3', githubClient: { id: 'Iv1.x', secret: 'y' }, allowedAccounts: ['acme', 'octocat'],
    publicUrl: 'http://127.0.0.1:8080', traefikEnabled: false, traefikContainer: 'traefik', edgeAddress: { host: '::1', port: 8443 }, gateUrl: 'http://10.0.0.1:3000/',
    databaseUrl: 'postgres://a:b@db/kosuke', dockerHost: 'tcp://127.0.0.1:2376', instanceId: 'k0123abcd', encryptionKey: key,
    previewMemory: 2 * 1024 ** 3, previewCpus: 0.5, previewSubnets: '10.99.0.0/20', idleAfter: Infinity, healthTimeout: 500, metricsPort: 9464, logLevel: 'silent',
  };
  for (const [name, value] of Object.entries(expected)) assert.deepEqual(settings[name as keyof Settings], value, name);
});

test('with nothing set, all that is missing is said at once, with what to set', () => {
  assert.deepEqual(problemsOf({}), [
    'APP_ID is not set. Set it to the App ID of your GitHub App.',
    "WEBHOOK_SECRET is not set. Set it to the secret of your GitHub App's webhook, at least 16 characters.",
    'PRIVATE_KEY is not set, nor is PRIVATE_KEY_PATH. Set one of them to the private key of your GitHub App, or to the path of its file.',
  ]);
});

test('an empty variable counts as unset', () => {
  assert.deepEqual(problemsOf(Object.fromEntries(Object.keys(variables).map((name) => [name, '']))), problemsOf({}));
});

test('a missing, short or well-known webhook secret stops the start', () => {
  const hint = "Set it to the secret of your GitHub App's webhook, at least 16 characters.";
  assert.deepEqual(problemsOf({ ...least, WEBHOOK_SECRET: undefined }), [`WEBHOOK_SECRET is not set. ${hint}`]);
  assert.deepEqual(problemsOf({ ...least, WEBHOOK_SECRET: '' }), [`WEBHOOK_SECRET is not set. ${hint}`]);
  assert.deepEqual(problemsOf({ ...least, WEBHOOK_SECRET: 'fifteen-letters' }), [`WEBHOOK_SECRET is shorter than 16 characters. ${hint}`]);
  assert.deepEqual(problemsOf({ ...least, WEBHOOK_SECRET: 'development' }), [`WEBHOOK_SECRET is "development", which everybody knows. ${hint}`]);
  assert.equal(settingsOf({ ...least, WEBHOOK_SECRET: 'sixteen-letters!' }).webhookSecret, 'sixteen-letters!');
});

test('the private key is read with real or written line ends, or from a file, and always given as PKCS #8', () => {
  const file = join(directory, 'key.pem');
  writeFileSync(file, pkcs1);
  for (const PRIVATE_KEY of [pkcs1, pkcs8, pkcs1.replaceAll('\n', '\\n'), `  ${pkcs8}\n\n`]) assert.equal(settingsOf({ ...least, PRIVATE_KEY }).privateKey, pkcs8);
  assert.equal(settingsOf({ ...least, PRIVATE_KEY: undefined, PRIVATE_KEY_PATH: file }).privateKey, pkcs8);
});

test('a key that is not a readable RSA key is refused in a sentence that says which variable', () => {
  const file = join(directory, 'no-key.pem');
  writeFileSync(file, 'not a key');
  assert.match(onlyProblem({ ...least, PRIVATE_KEY: 'not a key' }), /^PRIVATE_KEY does not hold a readable private key\. Set it to/);
  assert.match(onlyProblem({ ...least, PRIVATE_KEY: elliptic }), /^PRIVATE_KEY holds a key that is not RSA\. Set it to/);
  assert.match(onlyProblem({ ...least, PRIVATE_KEY: '', PRIVATE_KEY_PATH: join(directory, 'none.pem') }), /^PRIVATE_KEY_PATH names a file that cannot be read \(ENOENT\)\. Set it to/);
  assert.match(onlyProblem({ ...least, PRIVATE_KEY: '', PRIVATE_KEY_PATH: file }), /^PRIVATE_KEY_PATH names a file that does not hold an RSA private key\. Set it to/);
  assert.match(onlyProblem({ ...least, PRIVATE_KEY_PATH: 'x' }), /PRIVATE_KEY_PATH names a file/);
});

test('two keys, or half a client, are refused', () => {
  const file = join(directory, 'second.pem');
  writeFileSync(file, pkcs1);
  assert.equal(onlyProblem({ ...least, PRIVATE_KEY_PATH: file }), 'PRIVATE_KEY and PRIVATE_KEY_PATH are both set. Keep one of them.');
  assert.match(onlyProblem({ ...least, GITHUB_CLIENT_ID: 'x' }), /^Only one of GITHUB_CLIENT_ID and GITHUB_CLIENT_SECRET is set\./);
});

test('without Traefik nothing of it is asked for, and the engine must be one of this machine', () => {
  const without = { ...least, TRAEFIK_ENABLED: 'false' };
  assert.equal(settingsOf(without).traefikEnabled, false);
  for (const DOCKER_HOST of ['unix:///run/user/1000/docker.sock', 'tcp://127.0.0.1:2375', 'http://localhost:2375', 'tcp://[::1]:2375']) assert.equal(settingsOf({ ...without, DOCKER_HOST }).dockerHost, DOCKER_HOST);
  for (const DOCKER_HOST of ['tcp://10.0.0.1:2376', 'tcp://127.0.0.1.example.com:2376', 'ssh://docker@localhost.example.com']) {
    assert.match(onlyProblem({ ...without, DOCKER_HOST }), /^DOCKER_HOST is an engine on another machine, and with TRAEFIK_ENABLED=false .+\. Set it to an engine of this machine, or leave TRAEFIK_ENABLED out\.$/);
    assert.equal(settingsOf({ ...least, DOCKER_HOST }).dockerHost, DOCKER_HOST);
  }
  assert.equal(problemsOf({ ...without, DOCKER_HOST: 'tcp://10.0.0.1:2376', PUBLIC_URL: 'https://project-1-a.kosuke.ai' }).length, 2);
});

test('metrics have a port of their own, or none', () => {
  assert.equal(settingsOf(least).metricsPort, null);
  assert.equal(settingsOf({ ...least, METRICS_PORT: '9464' }).metricsPort, 9464);
  for (const env of [{ METRICS_PORT: '3000' }, { PORT: '9464', METRICS_PORT: '9464' }]) {
    assert.equal(onlyProblem({ ...least, ...env }), 'METRICS_PORT is the same as PORT. Set it to another port, or leave it out.');
  }
});

test('every variable refuses nonsense in one sentence that begins with its name and says what to set', () => {
  for (const [name, texts] of Object.entries(nonsense)) {
    for (const text of texts) {
      const problem = onlyProblem({ ...least, [name]: text });
      assert.match(problem, new RegExp(`^${name} .+\\. Set it to .+`), `${name}=${text}`);
    }
  }
});

test('many problems are reported together, in the order of the table', () => {
  const problems = problemsOf({ APP_ID: 'x', PRIVATE_KEY: 'x', WEBHOOK_SECRET: 'x', PORT: 'x', SWEEP_INTERVAL: 'never', LOG_LEVEL: 'loud' });
  assert.deepEqual(problems.map((problem) => problem.split(' ')[0]), ['APP_ID', 'PRIVATE_KEY', 'WEBHOOK_SECRET', 'PORT', 'SWEEP_INTERVAL', 'LOG_LEVEL']);
});

test('no problem repeats what was set, which may be a secret', () => {
  const mark = 'sup3r-s3cr3t';
  const env = Object.fromEntries(Object.keys(variables).map((name) => [name, `${mark} \n/${name === 'WEBHOOK_SECRET' ? '' : '`'}`]));
  assert.ok(problemsOf({ ...env, WEBHOOK_SECRET: 's3cr3t' }).length > 20);
  assert.doesNotMatch(problemsOf({ ...env, WEBHOOK_SECRET: 's3cr3t' }).join('\n'), /s3cr3t/);
});

test('addresses of previews carry a port only where the scheme has another', () => {
  const at = (env: object) => previewUrl(settingsOf({ ...least, ...env }), 'project-1-a');
  assert.equal(at({}), 'https://project-1-a.kosuke.ai');
  assert.equal(at({ PREVIEW_PORT: '443' }), 'https://project-1-a.kosuke.ai');
  assert.equal(at({ PREVIEW_SCHEME: 'http', PREVIEW_DOMAIN: 'kosuke.localhost', PREVIEW_PORT: '8080' }), 'http://project-1-a.kosuke.localhost:8080');
  assert.equal(previewHost(settingsOf(least), 'project-1-a'), 'project-1-a.kosuke.ai');
});

test('a host belongs to previews by its first label and the domain', () => {
  const settings = settingsOf(least);
  for (const host of ['project-1-a.kosuke.ai', 'PROJECT-1-a.Kosuke.AI', 'project-1--3f2c1aa0b1-7.kosuke.ai', 'project-1-a.kosuke.ai.']) assert.equal(isPreviewHost(settings, host), true, host);
  for (const host of ['kosuke.ai', 'www.kosuke.ai', 'project-1-a.kosuke.example', 'a.project-1-a.kosuke.ai', 'project-1-a.kosuke.ai..', 'kosuke.ai.', '']) assert.equal(isPreviewHost(settings, host), false, host);
  assert.match(onlyProblem({ ...least, PUBLIC_URL: 'https://project-1-a.kosuke.ai' }), /^PUBLIC_URL is an address that belongs to previews\. Set it to/);
});

const nonsense: Record<string, string[]> = {
  APP_ID: ['x', '0', '-1', '1.5', '1e3', '٣'],
  GHE_HOST: ['https://ghe.example.com', 'ghe.example.com/path', 'a b', 'user@host', 'host:99999'],
  GHE_PROTOCOL: ['ftp', 'HTTPS'],
  ALLOWED_ACCOUNTS: [',', 'a b', 'a/b', '*'],
  HOST: ['a b', 'http://x'],
  PORT: ['0', '65536', 'x', '3000.5', '-1'],
  BASE_DOMAIN: ['https://kosuke.ai', 'kosuke.ai/', 'kosuke.ai:443', '*.kosuke.ai', 'a..b', '-a.b', '.a', 'a.', 'a`b', 'ä.de', 'a'.repeat(64)],
  PREVIEW_DOMAIN: ['x y', `${'a.'.repeat(100)}b`],
  PREVIEW_SCHEME: ['ws'],
  PREVIEW_PORT: ['0'],
  PUBLIC_URL: ['kosuke.ai', 'ftp://kosuke.ai', 'https://kosuke.ai/path', 'https://user:pw@kosuke.ai', 'https://kosuke.ai?x'],
  TRAEFIK_ENABLED: ['yes', '1', 'TRUE'],
  TRAEFIK_ENTRYPOINT: ['a,b', 'a b', '1a'],
  TRAEFIK_CONTAINER: ['a b', '-x', 'a/b'],
  EDGE_ADDRESS: ['127.0.0.1', ':443', '127.0.0.1:0', '127.0.0.1:65536', '::1:443', 'http://a:1'],
  GATE_URL: ['127.0.0.1:3000', 'file:///x'],
  TRAEFIK_METRICS_URL: ['x'],
  DATABASE_URL: ['mysql://a/b', 'x'],
  DOCKER_HOST: ['/var/run/docker.sock', 'unix://x', 'ftp://x', 'tcp://'],
  INSTANCE_ID: ['a', 'UPPER', 'a b c d', '-abc', 'x'.repeat(64)],
  ENCRYPTION_KEY: ['x', 'a'.repeat(44), Buffer.alloc(31).toString('base64'), Buffer.alloc(33).toString('base64'), `${Buffer.alloc(32).toString('base64')}!!`],
  PREVIEW_DEFAULT_IMAGE: ['', '-x', 'a b', 'A/b'].filter((text) => text !== ''),
  PREVIEW_MEMORY: ['512', '5m', '512mb', '-1g'],
  PREVIEW_CPUS: ['0', '-1', 'x', '0.0001'],
  PREVIEW_SUBNETS: ['10.232.0.0', '10.232.0.1/16', '10.232.0.0/25', '10.232.0.0/33', '300.0.0.0/16', 'fd00::/64', '0.0.0.0/0'],
  HEALTH_TIMEOUT: ['0s', 'never', '25d', '5', '-5s', '1.5h'],
  BUILD_CONCURRENCY: ['0', '101', 'x'],
  BUILD_TIMEOUT: ['never', '0ms'],
  MAX_PREVIEWS: ['0', 'x'],
  MEMORY_BUDGET: ['16', 'None', '1m'],
  DISK_BUDGET: ['50', 'never', '1k'],
  IDLE_AFTER: ['0s', 'Never', '30'],
  EXPIRE_AFTER: ['14 d'],
  SWEEP_INTERVAL: ['never', '0m'],
  LOG_LEVEL: ['INFO', 'loud'],
  METRICS_PORT: ['x'],
};

type Env = Record<string, string | undefined>;

function settingsOf(env: Env): Settings {
  const read = readSettings(env);
  assert.ok(read.ok, read.ok ? '' : read.problems.join('\n'));
  return read.settings;
}

function problemsOf(env: Env): string[] {
  const read = readSettings(env);
  assert.equal(read.ok, false);
  return read.ok ? [] : read.problems;
}

function onlyProblem(env: Env): string {
  const problems = problemsOf(env);
  const first = problems[0];
  assert.ok(first !== undefined && problems.every((problem) => problem === first || problem.includes('both set')), problems.join('\n'));
  return first;
}
