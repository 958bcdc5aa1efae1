import { randomBytes } from 'node:crypto';
import { covers } from './coverage.ts';
import type { Installation, Permissions, Repo, Token, World } from './world.ts';

const lifetimeMs = 3_600_000;

/** A new installation token and its value, which works for an hour. */
export function mintToken(
  world: World,
  installation: Installation,
  repositories: Set<number> | null,
  permissions: Permissions,
): { value: string; token: Token } {
  const expiresAt = new Date(world.now().getTime() + lifetimeMs);
  const token: Token = { installation, repositories, permissions, expiresAt };
  const value = `ghs_${randomBytes(27).toString('base64url').replaceAll(/[-_]/g, '0')}`;
  world.tokens.set(value, token);
  world.credentials.add(value);
  return { value, token };
}

/** No token that was made until now works any longer. */
export function expireTokens(world: World): void {
  for (const token of world.tokens.values()) token.expiresAt = world.now();
}

/** The token behind a value; undefined when unknown, expired, or its installation is gone. That may be suspended. */
export function liveToken(world: World, value: string): Token | undefined {
  const token = world.tokens.get(value);
  return token && token.expiresAt > world.now() ? token : undefined;
}

/** Whether the token reaches this repository at all; what it may do there its permissions say. */
export function reaches(token: Token, repo: Repo): boolean {
  return covers(token.installation, repo) && (token.repositories?.has(repo.id) ?? true);
}
