import { createPrivateKey, sign } from 'node:crypto';
import type { Clock } from '../reconcile/ports/clock.ts';

export type CreateJwt = (appId: string | number, timeDifferenceSeconds?: number) => Promise<{ jwt: string; expiresAt: string }>;

/**
 * Signs the tokens with which the App speaks for itself (RS256): valid for 9 minutes from a minute ago, since GitHub refuses more
 * than 10 and allows for little drift. `timeDifferenceSeconds` is added to our clock.
 * https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app
 *
 * @throws when `privateKey` is not a PEM key.
 */
export function createJwtSigner(privateKey: string, clock: Clock): CreateJwt {
  const key = createPrivateKey(privateKey);
  return async (appId, timeDifferenceSeconds = 0) => {
    const now = Math.floor(clock.now().getTime() / 1000) + timeDifferenceSeconds;
    const claims = { iat: now - 60, exp: now + 540, iss: appId };
    const text = `${encode({ alg: 'RS256', typ: 'JWT' })}.${encode(claims)}`;
    const jwt = `${text}.${sign('RSA-SHA256', Buffer.from(text), key).toString('base64url')}`;
    return { jwt, expiresAt: new Date(claims.exp * 1000).toISOString() };
  };
}

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}
