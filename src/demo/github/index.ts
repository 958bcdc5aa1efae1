import { createPublicKey, generateKeyPair } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { newAccount } from './accounts.ts';
import { bounded } from './bounded.ts';
import { ContractBroken, createContract } from './contract/contract.ts';
import { hookQueue } from './hooks/queue.ts';
import { people } from './people.ts';
import { repositoryActs } from './repository-acts.ts';
import { pullActs } from './pull-acts.ts';
import { githubServer, listen } from './server.ts';
import type { Intercept, LocalGitHub, LocalGitHubOptions, RequestSnapshot } from './types.ts';
import { idCounters, type World } from './world.ts';
import { views } from './views.ts';

export { ContractBroken } from './contract/contract.ts';
export type * from './types.ts';

const hookId = 510_001;

/**
 * Starts a GitHub on loopback that the program cannot tell from the real one: REST, git over HTTP, signed webhooks, and pages for
 * people. State is in memory, git in bare repositories below `dir`; all of it ends with `close()`.
 * @throws Error when the port is taken or the key is not one.
 */
export async function startLocalGitHub(options: LocalGitHubOptions): Promise<LocalGitHub> {
  const privateKey = options.app?.privateKey ?? (await newPrivateKey());
  const now = options.now ?? (() => new Date());
  const log = options.log ?? (() => undefined);
  const requests = bounded<RequestSnapshot>(10_000);
  let hook: Intercept | undefined;
  const intercept: Intercept = (request) => hook?.(request);
  const world = await newWorld(options, privateKey, now, log, intercept);
  const server = githubServer(world, requests, intercept);
  const port = await listen(server, options.port ?? 0);
  world.origin = `http://127.0.0.1:${port}`;

  return {
    url: world.origin,
    host: `127.0.0.1:${port}`,
    appId: world.app.id,
    slug: world.app.slug,
    privateKey,
    setWebhookUrl: (url) => world.hooks.setUrl(url),
    intercept: (next) => {
      hook = next;
    },
    requests: () => requests.list(),
    violations: () => world.contract.violations(),
    takeViolations: () => world.contract.take(),
    ...people(world),
    ...repositoryActs(world),
    ...pullActs(world),
    ...views(world, hookId),
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await world.hooks.close();
      await closed;
      await Promise.all([...world.repos.values()].map((repo) => repo.exclusive(async () => undefined)));
      const violations = world.contract.violations();
      if (violations.length > 0) throw new ContractBroken(violations);
    },
  };
}

async function newPrivateKey(): Promise<string> {
  const pair = await promisify(generateKeyPair)('rsa', { modulusLength: 2_048 });
  return pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

async function newWorld(
  options: LocalGitHubOptions,
  privateKey: string,
  now: () => Date,
  log: World['log'],
  intercept: Intercept,
): Promise<World> {
  const nextId = idCounters();
  const { id = 12_345, slug = 'kosuke-preview', name = 'Kosuke Preview' } = options.app ?? {};
  const app = {
    id,
    slug,
    name,
    key: createPublicKey(privateKey),
    createdAt: now(),
    owner: newAccount({ nextId, now }, 'kosuke', 'Organization'),
    bot: newAccount({ nextId, now }, `${slug}[bot]`, 'Bot'),
  };
  const dir = join(options.dir, 'repositories');
  await mkdir(dir, { recursive: true });
  const { url, secret } = options.webhook;
  const contract = createContract({ checkContract: options.checkContract ?? true });
  const hooks = hookQueue({ url, secret, hookId, appId: id, nextId: () => nextId('delivery'), now, log, intercept, contract });
  return {
    dir,
    origin: '',
    app,
    now,
    log,
    nextId,
    accounts: new Map(),
    repos: new Map(),
    moved: new Map(),
    installations: new Map(),
    tokens: new Map(),
    credentials: new Set(),
    hooks,
    contract,
    rates: new Map(),
  };
}
