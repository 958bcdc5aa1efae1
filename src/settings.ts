import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { previewHostPattern } from './domain/host.ts';
import type { HostAndPort } from './settings/address-parsers.ts';
import { readValues } from './settings/read-values.ts';
import { variables, type Values } from './settings/variables.ts';

/** All settings, typed. Durations are milliseconds (Infinity: never), memory is bytes, paths are absolute, origins have no slash at the end. */
export type Settings = {
  appId: number;
  /** PEM, PKCS #8. */
  privateKey: string;
  webhookSecret: string;
  /** Where people and git go, e.g. `https://github.com`. */
  githubUrl: string;
  /** Where REST calls go, e.g. `https://api.github.com` or `https://ghe.example.com/api/v3`. */
  githubApiUrl: string;
  githubClient: { id: string; secret: string } | null;
  /** Lower case; `null`: all. */
  allowedAccounts: string[] | null;

  host: string;
  port: number;
  baseDomain: string;
  previewDomain: string;
  previewScheme: 'http' | 'https';
  previewPort: number;
  publicUrl: string;

  traefikEnabled: boolean;
  traefikEntryPoint: string;
  traefikDynamicDir: string;
  traefikContainer: string | null;
  edgeAddress: HostAndPort;
  gateUrl: string;
  traefikMetricsUrl: string | null;

  dataDir: string;
  databaseUrl: string | null;
  dockerHost: string | null;
  /** As set; `settings/identity.ts` makes what is `null`. */
  instanceId: string | null;
  encryptionKey: Buffer | null;

  previewDefaultImage: string;
  previewMemory: number;
  previewCpus: number;
  /** An IPv4 range, e.g. `10.232.0.0/16`. */
  previewSubnets: string;
  healthTimeout: number;
  buildConcurrency: number;
  buildTimeout: number;
  maxPreviews: number;
  /** Bytes; Infinity: none; `null`: by what the machine has. */
  memoryBudget: number | null;
  diskBudget: number | null;
  idleAfter: number;
  expireAfter: number;
  sweepInterval: number;

  logLevel: Values['LOG_LEVEL'];
  metricsPort: number | null;
};

export type SettingsResult = { ok: true; settings: Settings } | { ok: false; problems: string[] };

/** The settings of this process, from its environment and the `.env` file of the directory it was started in. */
export function settingsFromProcess(): SettingsResult {
  const read = environment();
  return 'problem' in read ? { ok: false, problems: [read.problem] } : readSettings(read.env);
}

/** Only where the program's state lies: enough to find one that runs, whatever else is set here. */
export function dataDirFromProcess(): { ok: true; dataDir: string } | { ok: false; problems: string[] } {
  const read = environment();
  if ('problem' in read) return { ok: false, problems: [read.problem] };
  return { ok: true, dataDir: resolve(read.env['DATA_DIR'] || variables.DATA_DIR.default) };
}

/** Reads every variable of DESIGN §3. On failure all problems at once, each a sentence that says what to set. No secret is repeated in one. */
export function readSettings(env: Readonly<Record<string, string | undefined>>): SettingsResult {
  const read = readValues(env);
  if ('problems' in read) return { ok: false, problems: read.problems };
  const settings = settingsOf(read.values);
  const problems = contradictions(settings);
  return problems.length > 0 ? { ok: false, problems } : { ok: true, settings };
}

/** Stable host of a preview, or host of one commit, from its first label. */
export function previewHost(settings: Pick<Settings, 'previewDomain'>, hostLabel: string): string {
  return `${hostLabel}.${settings.previewDomain}`;
}

/** Address of the same for people, without a slash at the end. */
export function previewUrl(settings: Pick<Settings, 'previewDomain' | 'previewScheme' | 'previewPort'>, hostLabel: string): string {
  const port = settings.previewPort === schemePort(settings.previewScheme) ? '' : `:${settings.previewPort}`;
  return `${settings.previewScheme}://${previewHost(settings, hostLabel)}${port}`;
}

/** Whether a host (without port) belongs to previews. With a final dot, by which DNS marks a whole name, it is the same host. */
export function isPreviewHost(settings: Pick<Settings, 'previewDomain'>, host: string): boolean {
  return new RegExp(previewHostPattern(settings.previewDomain)).test(host.toLowerCase().replace(/\.$/, ''));
}

/** What no variable is wrong about by itself. */
function contradictions(settings: Settings): string[] {
  const problems: string[] = [];
  if (isPreviewHost(settings, new URL(settings.publicUrl).hostname)) {
    problems.push('PUBLIC_URL is an address that belongs to previews. Set it to one that does not begin with project-.');
  }
  if (settings.metricsPort === settings.port) problems.push('METRICS_PORT is the same as PORT. Set it to another port, or leave it out.');
  if (!settings.traefikEnabled && isElsewhere(settings.dockerHost)) {
    problems.push('DOCKER_HOST is an engine on another machine, and with TRAEFIK_ENABLED=false previews are reached on 127.0.0.1 of that one. Set it to an engine of this machine, or leave TRAEFIK_ENABLED out.');
  }
  return problems;
}

function isElsewhere(dockerHost: string | null): boolean {
  if (dockerHost === null) return false;
  const { protocol, hostname } = new URL(dockerHost);
  return protocol !== 'unix:' && !/^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(hostname);
}

function settingsOf(values: Values): Settings {
  const previewPort = values.PREVIEW_PORT ?? schemePort(values.PREVIEW_SCHEME);
  return {
    appId: values.APP_ID,
    privateKey: (values.PRIVATE_KEY ?? values.PRIVATE_KEY_PATH)!,
    webhookSecret: values.WEBHOOK_SECRET,
    ...githubAddresses(values),
    githubClient: values.GITHUB_CLIENT_ID && values.GITHUB_CLIENT_SECRET ? { id: values.GITHUB_CLIENT_ID, secret: values.GITHUB_CLIENT_SECRET } : null,
    allowedAccounts: values.ALLOWED_ACCOUNTS,

    host: values.HOST,
    port: values.PORT,
    baseDomain: values.BASE_DOMAIN,
    previewDomain: values.PREVIEW_DOMAIN ?? values.BASE_DOMAIN,
    previewScheme: values.PREVIEW_SCHEME,
    previewPort,
    publicUrl: values.PUBLIC_URL ?? `https://${values.BASE_DOMAIN}`,

    traefikEnabled: values.TRAEFIK_ENABLED,
    traefikEntryPoint: values.TRAEFIK_ENTRYPOINT,
    traefikDynamicDir: values.TRAEFIK_DYNAMIC_DIR ?? join(values.DATA_DIR, 'traefik'),
    traefikContainer: values.TRAEFIK_CONTAINER,
    edgeAddress: values.EDGE_ADDRESS ?? { host: '127.0.0.1', port: previewPort },
    gateUrl: values.GATE_URL ?? `http://127.0.0.1:${values.PORT}`,
    traefikMetricsUrl: values.TRAEFIK_METRICS_URL,

    dataDir: values.DATA_DIR,
    databaseUrl: values.DATABASE_URL,
    dockerHost: values.DOCKER_HOST,
    instanceId: values.INSTANCE_ID,
    encryptionKey: values.ENCRYPTION_KEY,

    previewDefaultImage: values.PREVIEW_DEFAULT_IMAGE,
    previewMemory: values.PREVIEW_MEMORY,
    previewCpus: values.PREVIEW_CPUS,
    previewSubnets: values.PREVIEW_SUBNETS,
    healthTimeout: values.HEALTH_TIMEOUT,
    buildConcurrency: values.BUILD_CONCURRENCY,
    buildTimeout: values.BUILD_TIMEOUT,
    maxPreviews: values.MAX_PREVIEWS,
    memoryBudget: values.MEMORY_BUDGET,
    diskBudget: values.DISK_BUDGET,
    idleAfter: values.IDLE_AFTER,
    expireAfter: values.EXPIRE_AFTER,
    sweepInterval: values.SWEEP_INTERVAL,

    logLevel: values.LOG_LEVEL,
    metricsPort: values.METRICS_PORT,
  };
}

function githubAddresses(values: Values): Pick<Settings, 'githubUrl' | 'githubApiUrl'> {
  if (values.GHE_HOST === null) return { githubUrl: 'https://github.com', githubApiUrl: 'https://api.github.com' };
  const githubUrl = `${values.GHE_PROTOCOL}://${values.GHE_HOST}`;
  return { githubUrl, githubApiUrl: `${githubUrl}/api/v3` };
}

function schemePort(scheme: 'http' | 'https'): number {
  return scheme === 'https' ? 443 : 80;
}

/**
 * The environment over the `.env` file. Nothing else in the program reads the environment, and the file's values reach no child
 * process.
 */
function environment(): { env: Record<string, string | undefined> } | { problem: string } {
  const file = resolve('.env');
  let text = '';
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : error;
    if (code !== 'ENOENT') return { problem: `${file} is there but cannot be read (${String(code)}). Make it readable, or remove it.` };
  }
  return { env: { ...parseEnv(text), ...process.env } };
}
