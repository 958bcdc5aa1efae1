import type { JsonObject } from '../types.ts';
import type { Access, Repo, Token, World } from '../world.ts';

export type Reply = { status: number; body: JsonObject | unknown[] | undefined; headers?: Record<string, string> };

export type Call = {
  world: World;
  params: Record<string, string>;
  query: URLSearchParams;
  body: JsonObject;
  url: URL;
};

export type RepoCall = Call & { repo: Repo };
export type TokenCall = Call & { token: Token };

/** Any one of the permissions is enough, at that level or above. */
export type Need = { permissions: string[]; access: Access };

type Handle<C> = (call: C) => Reply | Promise<Reply>;

/** `for` says who may ask and about what: the App (of a repository: `app-repo`), an installation, one of its repositories, anybody. */
export type Route = { method: string; template: string } & (
  | { for: 'app'; handle: Handle<Call> }
  | { for: 'app-repo'; handle: Handle<RepoCall> }
  | { for: 'installation'; handle: Handle<TokenCall> }
  | { for: 'repo'; need: Need; handle: Handle<RepoCall> }
  | { for: 'anybody'; handle: Handle<Call & { token: Token | undefined }> }
);

const repoRoot = '/repos/{owner}/{repo}';

/** A route below a repository, for installation tokens: `path` is what follows the repository's own. */
export function repoRoute(method: string, path: string, need: string, handle: Handle<RepoCall>): Route {
  const [names = '', access] = need.split(':');
  const permissions = names.split('|');
  return {
    method,
    template: `${repoRoot}${path}`,
    for: 'repo',
    need: { permissions, access: access === 'write' ? 'write' : 'read' },
    handle,
  };
}

export type Match = { route: Route; params: Record<string, string> };

/**
 * The route of a path as it was sent, still percent-encoded. `{name}` is one segment, `{name+}` all that follow, however their slashes
 * were written. A repository may also be named by its id: `/repositories/{id}/…`.
 */
export function matchRoute(routes: Route[], method: string, path: string): Match | undefined {
  for (const route of routes) {
    if (route.method !== method) continue;
    const params = matchPath(route.template, path) ?? matchPath(route.template.replace(repoRoot, '/repositories/{repository_id}'), path);
    if (params) return { route, params };
  }
  return undefined;
}

function matchPath(template: string, path: string): Record<string, string> | undefined {
  const wanted = template.split('/');
  const given = path.split('/');
  const open = template.endsWith('+}');
  if (open ? given.length < wanted.length : given.length !== wanted.length) return undefined;
  const params: Record<string, string> = {};
  for (const [at, part] of wanted.entries()) {
    const name = /^\{(\w+)\+?\}$/.exec(part)?.[1];
    const value = part.endsWith('+}') ? given.slice(at).join('/') : (given[at] ?? '');
    if (name === undefined ? part !== value : value === '') return undefined;
    if (name !== undefined) {
      const decoded = decode(value);
      if (decoded === undefined) return undefined;
      params[name] = decoded;
    }
  }
  return params;
}

function decode(value: string): string | undefined {
  try {
    return decodeURIComponent(value);
  } catch {
    return undefined;
  }
}

/** A whole number out of a path; 0, which names nothing, when it is not one. */
export function numberParam(call: Call, name: string): number {
  const value = call.params[name] ?? '';
  return /^\d{1,15}$/.test(value) ? Number(value) : 0;
}
