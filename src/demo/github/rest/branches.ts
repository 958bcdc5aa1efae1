import { readCommit } from '../git/history.ts';
import { commitShape } from '../shapes/commit.ts';
import { repoPage, repoUrl } from '../shapes/repository.ts';
import type { JsonObject } from '../types.ts';
import type { Repo, World } from '../world.ts';
import { ApiError } from './errors.ts';
import { page } from './paging.ts';
import { repoRoute, type Route } from './routes.ts';

const heads = 'refs/heads/';

export const branchRoutes: Route[] = [
  repoRoute('GET', '/branches', 'contents:read', (call) => {
    const { world, repo } = call;
    // Nothing is protected here.
    const branches = call.query.get('protected') === 'true' ? [] : [...repo.refs.keys()].filter((ref) => ref.startsWith(heads)).sort();
    return page(call, branches, (ref) => {
      const sha = repo.refs.get(ref) ?? '';
      const name = ref.slice(heads.length);
      return { name, commit: { sha, url: `${repoUrl(world, repo)}/commits/${sha}` }, ...protection(world, repo, name) };
    });
  }),
  repoRoute('GET', '/branches/{branch+}', 'contents:read', async ({ world, repo, params }) => {
    const name = params['branch'] ?? '';
    const sha = repo.refs.get(heads + name);
    if (sha === undefined) throw new ApiError(404, 'Branch not found');
    const commit = commitShape(world, repo, await readCommit(repo.dir, sha));
    const links = { html: `${repoPage(world, repo)}/tree/${encodeURI(name)}`, self: branchUrl(world, repo, name) };
    return { status: 200, body: { name, commit, _links: links, ...protection(world, repo, name) } };
  }),
];

function protection(world: World, repo: Repo, name: string): JsonObject {
  return {
    protected: false,
    protection: { enabled: false, required_status_checks: { enforcement_level: 'off', contexts: [], checks: [] } },
    protection_url: `${branchUrl(world, repo, name)}/protection`,
  };
}

function branchUrl(world: World, repo: Repo, name: string): string {
  return `${repoUrl(world, repo)}/branches/${encodeURIComponent(name)}`;
}
