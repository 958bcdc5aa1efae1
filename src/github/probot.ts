import type { Logger } from 'pino';
import { Probot, ProbotOctokit } from 'probot';
import type { Clock } from '../reconcile/ports/clock.ts';
import type { Metrics } from '../reconcile/ports/metrics.ts';
import type { Delivery } from '../reconcile/ports/store.ts';
import { type Budget, budgetOf, budgetOfError } from './budget.ts';
import { createFetch } from './fetch.ts';
import { createJwtSigner } from './jwt.ts';
import { createPace } from './pace.ts';
import { createTokenCache } from './tokens.ts';
import { isStaleToken } from './trouble.ts';

export type GithubOptions = {
  appId: number;
  /** PEM */
  privateKey: string;
  webhookSecret: string;
  /** Where REST is, e.g. `https://api.github.com` or `https://github.example.com/api/v3`. */
  apiUrl: string;
  clock: Clock;
  log: Logger;
  metrics?: Pick<Metrics, 'githubAsked' | 'githubAllows'>;
  /** Time limit of each request, its body included. */
  timeoutMs?: number;
};

export type Github = {
  /** Where handlers are registered; it neither listens nor checks signatures. */
  probot: Probot;
  /** Runs the handlers of a stored delivery; rejects with an AggregateError when one of them fails. */
  receive(delivery: Pick<Delivery, 'guid' | 'event' | 'payload'>): Promise<void>;
  /** Speaks for one installation; its token is made when needed and kept until it is about to expire. */
  octokitFor(installationId: number): ProbotOctokit;
  /** Speaks for the App itself. */
  appOctokit: ProbotOctokit;
};

/**
 * GitHub as the App sees it. Every request has a time limit, keeps to GitHub's limits by failing early (`pace.ts`) and is made
 * once: octokit's own throttling and retrying, which can hold a request for minutes, are off, since whoever asks tries again.
 *
 * @throws when the private key is not one.
 */
export async function createGithub(options: GithubOptions): Promise<Github> {
  const { appId, privateKey, webhookSecret, apiUrl, clock, metrics, timeoutMs = 12_000 } = options;
  const log = options.log.child({ part: 'github' }, { redact: { paths: secretPaths, censor: '[redacted]' } });
  const tokens = createTokenCache(clock);
  const requestOptions = { fetch: createFetch({ timeoutMs, asked: metrics?.githubAsked }), log };
  // Without its own base address the authentication would ask api.github.com for tokens.
  const authRequest = new ProbotOctokit({ baseUrl: apiUrl, request: requestOptions, log, throttle: off, retry: off }).request;
  const auth = { appId, createJwt: createJwtSigner(privateKey, clock), cache: tokens, request: authRequest, log };

  const Octokit = ProbotOctokit.defaults((given: Record<string, unknown>) => ({
    ...given,
    baseUrl: apiUrl,
    log,
    throttle: off,
    retry: off,
    request: requestOptions,
    // Probot makes octokits of its own that speak for nobody, e.g. for an installation that was just deleted.
    auth: given['authStrategy'] === undefined ? { ...auth, ...installationOf(given['auth']) } : given['auth'],
  }));

  const paced = (octokit: ProbotOctokit, installationId?: number): ProbotOctokit => {
    const pace = createPace(clock);
    const note = (budget: Budget | null) => {
      if (budget !== null) metrics?.githubAllows(installationId ?? 'app', budget.remaining, budget.resetAt);
    };
    octokit.hook.wrap('request', async (request, options) => {
      try {
        // A token is asked for by the App, on behalf of whatever waits for it: it is no write of the installation, and no write may keep it back.
        pace.admit(options.url.endsWith('/access_tokens') ? 'GET' : options.method);
      } catch (error) {
        metrics?.githubAsked('held_back');
        throw error;
      }
      try {
        const response = await request(options);
        note(budgetOf(response.headers));
        return response;
      } catch (error) {
        pace.note(error);
        note(budgetOfError(error));
        if (installationId === undefined || !isStaleToken(error) || !tokens.forget(installationId)) throw error;
        return request(options);
      }
    });
    return octokit;
  };
  const octokits = new Map<number, ProbotOctokit>();

  // Its own log would tell each failure of a handler a second time.
  const probot = await new Probot({ appId, privateKey, secret: webhookSecret, Octokit, log: log.child({}, { level: 'silent' }) }).ready();

  return {
    probot,
    // Payloads are what came in, whatever the type says: each handler checks its own.
    receive: ({ guid, event, payload }) => probot.receive({ id: guid, name: event, payload } as Parameters<Probot['receive']>[0]),
    octokitFor(installationId) {
      const octokit = octokits.get(installationId) ?? paced(new Octokit({ auth: { installationId } }), installationId);
      octokits.set(installationId, octokit);
      return octokit;
    },
    appOctokit: paced(new Octokit()),
  };
}

const off = { enabled: false };

/** Where octokit and its errors carry secrets, should one ever be logged whole. */
const secretPaths = ['auth', 'token', 'privateKey', 'request.headers.authorization', 'err.request.headers.authorization', 'headers.authorization'];

function installationOf(auth: unknown): { installationId?: number } {
  if (typeof auth !== 'object' || auth === null || !('installationId' in auth)) return {};
  return { installationId: Number(auth.installationId) };
}
