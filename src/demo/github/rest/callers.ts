import { verify } from 'node:crypto';
import { liveToken } from '../tokens.ts';
import type { Token, World } from '../world.ts';
import { ApiError, badCredentials, suspended } from './errors.ts';

export type Caller = { kind: 'none' } | { kind: 'app' } | { kind: 'installation'; token: Token };

/** Who asks. @throws ApiError 401 for credentials that do not hold, 403 for those of a suspended installation. */
export function callerOf(world: World, authorization: string | undefined): Caller {
  if (authorization === undefined || authorization === '') return { kind: 'none' };
  const credentials = /^(?:bearer|token) +([\w.~+/=-]+)$/i.exec(authorization)?.[1];
  if (credentials === undefined) throw badCredentials();
  if (credentials.split('.').length === 3) {
    checkAppToken(world, credentials);
    world.credentials.add(credentials);
    return { kind: 'app' };
  }
  const token = liveToken(world, credentials);
  if (!token) throw badCredentials();
  if (token.installation.suspendedAt) throw suspended();
  return { kind: 'installation', token };
}

/** Throws unless the JWT is the App's own: RS256 with its key, in time, and for no longer than 10 minutes. */
function checkAppToken(world: World, jwt: string): void {
  const [header = '', payload = '', signature = ''] = jwt.split('.');
  const undecodable = () => new ApiError(401, 'A JSON web token could not be decoded');
  const claims = parse(payload);
  if (parse(header)?.['alg'] !== 'RS256' || !claims) throw undecodable();
  if (!verify('RSA-SHA256', Buffer.from(`${header}.${payload}`), world.app.key, Buffer.from(signature, 'base64url'))) throw undecodable();
  const now = Math.floor(world.now().getTime() / 1_000);
  const { iss, iat, exp } = claims;
  if (String(iss) !== String(world.app.id)) throw new ApiError(401, "'Issuer' claim ('iss') must be an Integer or the client ID of the App");
  if (typeof exp !== 'number') throw new ApiError(401, "Missing 'expiration time' claim ('exp') in assertion");
  if (exp <= now) throw new ApiError(401, "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires");
  if (exp > now + 600) throw new ApiError(401, "'Expiration time' claim ('exp') is too far in the future");
  if (typeof iat !== 'number' || iat > now + 60) {
    throw new ApiError(401, "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued");
  }
}

function parse(part: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString());
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
