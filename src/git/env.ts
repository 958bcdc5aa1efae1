import { hideCredentials } from '../domain/credentials.ts';

/** Repository-scoped credential of one fetch. It travels in the child's environment only. */
export type Credential = { url: string; token: string };

/**
 * The whole environment of a git process: nothing of ours is inherited, no configuration of the machine or a user is read, no prompt,
 * no hook, no housekeeping in the background, and only `protocols` (e.g. `https`, `http`). The token is a header bound to the one
 * URL; redirects are not followed, so it can reach no other address.
 */
export function gitEnv(protocols: readonly string[], credential?: Credential): Record<string, string> {
  const settings: [string, string][] = [
    ['core.hooksPath', '/dev/null'],
    ['core.logAllRefUpdates', 'false'],
    ['gc.auto', '0'],
    ['maintenance.auto', 'false'],
    ['credential.helper', ''],
    ['http.followRedirects', 'false'],
    ['http.lowSpeedLimit', '1000'],
    ['http.lowSpeedTime', '30'],
    ['tar.umask', '0022'],
    // Larger files are passed on in pieces; git takes others into memory whole.
    ['core.bigFileThreshold', '16m'],
    ...(credential === undefined ? [] : ([[`http.${credential.url}.extraHeader`, authorization(credential.token)]] as [string, string][])),
  ];
  return {
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/opt/homebrew/bin',
    HOME: '/nonexistent',
    LC_ALL: 'C.UTF-8',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_ATTR_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ASKPASS: '',
    GIT_ALLOW_PROTOCOL: protocols.join(':'),
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_LITERAL_PATHSPECS: '1',
    GIT_CONFIG_COUNT: String(settings.length),
    ...Object.fromEntries(
      settings.flatMap(([key, value], at) => [
        [`GIT_CONFIG_KEY_${at}`, key],
        [`GIT_CONFIG_VALUE_${at}`, value],
      ]),
    ),
  };
}

/** How GitHub takes an installation token over git's HTTP (user `x-access-token`). */
export function authorization(token: string): string {
  return `Authorization: Basic ${basic(token)}`;
}

/** The text without the token in any dress, without other credentials, its last lines only. */
export function scrub(stderr: string, token?: string): string {
  let text = stderr;
  for (const secret of token === undefined || token === '' ? [] : [token, basic(token)]) text = text.replaceAll(secret, '***');
  text = hideCredentials(text);
  return text.trim().split('\n').slice(-linesShown).join('\n').slice(-charactersShown);
}

const linesShown = 5;
const charactersShown = 1_000;

function basic(token: string): string {
  return Buffer.from(`x-access-token:${token}`).toString('base64');
}
