import { databaseUrl, domainName, engineAddress, hostAndPort, hostMaybePort, httpUrl, origin, subnets } from './address-parsers.ts';
import { accounts, containerName, entryPoint, imageName, instanceId, listenAddress } from './name-parsers.ts';
import { anyText, bytes, cpus, duration, durationOrNever, flag, noneOr, oneOf, path, port, wholeNumber } from './parsers.ts';
import type { Parser } from './parsers.ts';
import { encryptionKey, privateKey, privateKeyFile, webhookHint, webhookSecret } from './secrets.ts';

/**
 * One environment variable. `default` is parsed like a text that was set; a variable without one is `null` when unset, unless it
 * is `required`. `otherwise` says in `.env.example` what an unset one means, where no text of its own can.
 */
export type Variable<T> = {
  about: string;
  parse: Parser<T>;
  default?: string;
  otherwise?: string;
  example?: string;
  /** What to do when it is unset and must be set. */
  required?: string;
};

/** The variables by group, in the order of DESIGN §3. */
export const groups = {
  GitHub: ['APP_ID', 'PRIVATE_KEY', 'PRIVATE_KEY_PATH', 'WEBHOOK_SECRET', 'GHE_HOST', 'GHE_PROTOCOL', 'GITHUB_CLIENT_ID', 'GITHUB_CLIENT_SECRET', 'ALLOWED_ACCOUNTS'],
  Addresses: ['HOST', 'PORT', 'BASE_DOMAIN', 'PREVIEW_DOMAIN', 'PREVIEW_SCHEME', 'PREVIEW_PORT', 'PUBLIC_URL'],
  Edge: ['TRAEFIK_ENABLED', 'TRAEFIK_ENTRYPOINT', 'TRAEFIK_DYNAMIC_DIR', 'TRAEFIK_CONTAINER', 'EDGE_ADDRESS', 'GATE_URL', 'TRAEFIK_METRICS_URL'],
  State: ['DATA_DIR', 'DATABASE_URL', 'DOCKER_HOST', 'INSTANCE_ID', 'ENCRYPTION_KEY'],
  Previews: [
    'PREVIEW_DEFAULT_IMAGE', 'PREVIEW_MEMORY', 'PREVIEW_CPUS', 'PREVIEW_SUBNETS', 'HEALTH_TIMEOUT', 'BUILD_CONCURRENCY',
    'BUILD_TIMEOUT', 'MAX_PREVIEWS', 'MEMORY_BUDGET', 'DISK_BUDGET', 'IDLE_AFTER', 'EXPIRE_AFTER', 'SWEEP_INTERVAL',
  ],
  Process: ['LOG_LEVEL', 'METRICS_PORT'],
} as const satisfies Record<string, readonly (keyof typeof variables)[]>;

/** Every variable that the program reads, with its meaning and how it is read. `.env.example` is made from this. */
export const variables = {
  APP_ID: required('App ID of your GitHub App, a number on its settings page.', wholeNumber(1, 1e12), 'Set it to the App ID of your GitHub App.'),
  PRIVATE_KEY: optional("The App's private key itself, in one line with \\n for line ends. Set this or PRIVATE_KEY_PATH.", privateKey, {}),
  PRIVATE_KEY_PATH: optional("Path of a file with the App's private key.", privateKeyFile, { example: 'kosuke-preview.private-key.pem' }),
  WEBHOOK_SECRET: required("Secret of the App's webhook, at least 16 characters. Make one with: openssl rand -hex 32", webhookSecret, webhookHint),
  GHE_HOST: optional('Host of a GitHub Enterprise Server, with a port if it has one.', hostMaybePort, { otherwise: 'github.com', example: 'github.example.com' }),
  GHE_PROTOCOL: defaulted('Scheme of GHE_HOST: https or http.', oneOf('https', 'http'), 'https'),
  GITHUB_CLIENT_ID: optional("The App's client ID, for signing in with GitHub. Needs GITHUB_CLIENT_SECRET.", anyText, { otherwise: 'nobody can sign in' }),
  GITHUB_CLIENT_SECRET: optional("The App's client secret. Needs GITHUB_CLIENT_ID.", anyText, {}),
  ALLOWED_ACCOUNTS: optional('Users and organisations whose repositories get previews, with commas between them.', accounts, { otherwise: 'all on which the App is installed', example: 'acme,octocat' }),

  HOST: defaulted('Address on which the program listens.', listenAddress, '127.0.0.1'),
  PORT: defaulted('Port on which the program listens.', port, '3000'),
  BASE_DOMAIN: defaulted('Domain of the installation.', domainName(0), 'kosuke.ai'),
  PREVIEW_DOMAIN: optional('Domain under which previews get their hosts; its wildcard (*.domain) must lead to Traefik.', domainName(64), { otherwise: 'BASE_DOMAIN', example: 'preview.example.com' }),
  PREVIEW_SCHEME: defaulted('Scheme of the addresses of previews: https or http.', oneOf('https', 'http'), 'https'),
  PREVIEW_PORT: optional('Port in the addresses of previews.', port, { otherwise: "the scheme's: 443 or 80", example: '8443' }),
  PUBLIC_URL: optional('Address of the program itself, for links to logs and pages.', origin, { otherwise: 'https://BASE_DOMAIN', example: 'https://preview.example.com' }),

  TRAEFIK_ENABLED: defaulted('false is for a try without Traefik: each version gets a port of its own on 127.0.0.1, and nothing else in this group has an effect.', flag, 'true'),
  TRAEFIK_ENTRYPOINT: defaulted("Traefik's entry point for previews.", entryPoint, 'websecure'),
  TRAEFIK_DYNAMIC_DIR: optional("Directory that Traefik's file provider watches.", path, { otherwise: 'traefik in DATA_DIR', example: '/etc/traefik/dynamic' }),
  TRAEFIK_CONTAINER: optional('Name of the Traefik container, where the host cannot reach containers (Docker Desktop).', containerName, { otherwise: "Traefik shares the host's network", example: 'traefik' }),
  EDGE_ADDRESS: optional('Host and port at which the program reaches Traefik.', hostAndPort, { otherwise: "127.0.0.1 and PREVIEW_PORT, else the scheme's port", example: '127.0.0.1:443' }),
  GATE_URL: optional('Address at which Traefik reaches the program.', httpUrl, { otherwise: 'http://127.0.0.1:PORT', example: 'http://127.0.0.1:3000' }),
  TRAEFIK_METRICS_URL: optional("Address of Traefik's Prometheus metrics.", httpUrl, { otherwise: 'none are read', example: 'http://127.0.0.1:8081/metrics' }),

  DATA_DIR: defaulted("Directory of the program's own state: database, git mirrors, the files of builds while they run, keys.", path, 'data'),
  DATABASE_URL: optional('Address of a Postgres database.', databaseUrl, { otherwise: 'the embedded database in DATA_DIR', example: 'postgres://kosuke:password@127.0.0.1:5432/kosuke' }),
  DOCKER_HOST: optional('Address of the Docker engine.', engineAddress, { otherwise: 'unix:///var/run/docker.sock', example: 'unix:///var/run/docker.sock' }),
  INSTANCE_ID: optional('Mark on everything that this installation makes on an engine.', instanceId, { otherwise: 'made once and kept in DATA_DIR', example: 'k3f2c1aa0b1' }),
  ENCRYPTION_KEY: optional('Key for stored secrets, 32 bytes in base64. Make one with: openssl rand -base64 32', encryptionKey, { otherwise: 'made once and kept in DATA_DIR' }),

  PREVIEW_DEFAULT_IMAGE: defaulted('Image for apps that bring no Dockerfile.', imageName, 'node:24-slim'),
  PREVIEW_MEMORY: defaulted('Memory of a preview.', bytes(6 * 1024 ** 2, '6m'), '512m'),
  PREVIEW_CPUS: defaulted('CPUs of a preview.', cpus, '1'),
  PREVIEW_SUBNETS: defaulted('Range from which each preview gets a small network of its own.', subnets, '10.232.0.0/16'),
  HEALTH_TIMEOUT: defaulted('How long a new version may take until it answers.', duration, '120s'),
  BUILD_CONCURRENCY: defaulted('How many builds run at once.', wholeNumber(1, 100), '2'),
  BUILD_TIMEOUT: defaulted('How long a build may take.', duration, '15m'),
  MAX_PREVIEWS: defaulted('How many previews run at once; sleeping ones do not count.', wholeNumber(1, 10_000), '30'),
  MEMORY_BUDGET: optional('Memory for all previews that run at once, each of which counts with PREVIEW_MEMORY; or none.', noneOr(bytes(6 * 1024 ** 2, '6m')), { otherwise: "nine tenths of the machine's memory; none where DOCKER_HOST is another machine", example: '16g' }),
  DISK_BUDGET: optional('Disk for the images of previews and the build cache of the engine, beyond which what is not in use is removed; or none.', noneOr(bytes(1024 ** 2, '1m')), { otherwise: "half of the engine's disk; none where DOCKER_HOST is another machine", example: '50g' }),
  IDLE_AFTER: defaulted('A preview goes to sleep after this long without a visit; or never.', durationOrNever, '30m'),
  EXPIRE_AFTER: defaulted('A preview goes away after this long without a visit and a push; or never.', durationOrNever, '14d'),
  SWEEP_INTERVAL: defaulted('How often everything is compared with GitHub and the engine.', duration, '5m'),

  LOG_LEVEL: defaulted('trace, debug, info, warn, error, fatal or silent.', oneOf('trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'), 'info'),
  METRICS_PORT: optional('Port of HOST for Prometheus metrics, under any host name; they are not on PORT then.', port, { otherwise: '/metrics on PORT, for loopback names only', example: '9464' }),
};

export type VariableName = keyof typeof variables;

/** What of their meaning this version does not carry out. */
export const notYet: Partial<Record<VariableName, string>> = {
  GITHUB_CLIENT_ID: 'without effect; nobody can sign in',
  GITHUB_CLIENT_SECRET: 'without effect',
  TRAEFIK_CONTAINER: 'not supported; one that is set stops the start',
  TRAEFIK_METRICS_URL: 'without effect',
  ENCRYPTION_KEY: 'images and base images are marked with a key made from it; no secrets are stored',
  PREVIEW_DEFAULT_IMAGE: 'without effect; every app needs a Dockerfile',
  IDLE_AFTER: 'without effect; previews sleep when they are told to',
  EXPIRE_AFTER: 'visits are not measured: a preview goes away this long after it was last deployed or woken',
};

/** What each variable was read as. */
export type Values = { [Name in VariableName]: Extract<ReturnType<(typeof variables)[Name]['parse']>, { value: unknown }>['value'] | Missing<(typeof variables)[Name]> };

type Missing<V> = V extends { default: string } | { required: string } ? never : null;

function required<T>(about: string, parse: Parser<T>, hint: string) {
  return { about, parse, required: hint } satisfies Variable<T>;
}

function defaulted<T>(about: string, parse: Parser<T>, value: string) {
  return { about, parse, default: value } satisfies Variable<T>;
}

function optional<T>(about: string, parse: Parser<T>, unset: { otherwise?: string; example?: string }) {
  return { about, parse, ...unset } satisfies Variable<T>;
}
