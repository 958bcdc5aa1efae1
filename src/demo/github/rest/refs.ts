import { git } from '../git/run.ts';
import { nodeId } from '../shapes/account.ts';
import { repoUrl } from '../shapes/repository.ts';
import type { JsonObject } from '../types.ts';
import type { Repo, World } from '../world.ts';
import { notFound } from './errors.ts';
import { page } from './paging.ts';
import { repoRoute, type Route } from './routes.ts';

/** Refs as git has them; `{ref}` is a full name without `refs/`. */
export const refRoutes: Route[] = [
  repoRoute('GET', '/git/ref/{ref+}', 'contents:read', async ({ world, repo, params }) => {
    const ref = `refs/${params['ref'] ?? ''}`;
    const sha = allRefs(repo).get(ref);
    if (sha === undefined) throw notFound();
    return { status: 200, body: await refShape(world, repo, ref, sha) };
  }),
  repoRoute('GET', '/git/matching-refs/{ref+}', 'contents:read', async (call) => {
    const { world, repo, params } = call;
    const prefix = `refs/${params['ref'] ?? ''}`;
    const matching = [...allRefs(repo)].filter(([ref]) => ref.startsWith(prefix)).sort(([a], [b]) => (a < b ? -1 : 1));
    const answer = page(call, matching, (entry) => entry);
    const shown = answer.body as [string, string][];
    return { ...answer, body: await Promise.all(shown.map(([ref, sha]) => refShape(world, repo, ref, sha))) };
  }),
];

function allRefs(repo: Repo): Map<string, string> {
  const pulls = [...repo.pulls.values()].map((pull) => [`refs/pull/${pull.number}/head`, pull.head.sha] as const);
  return new Map([...repo.refs, ...pulls]);
}

async function refShape(world: World, repo: Repo, ref: string, sha: string): Promise<JsonObject> {
  const type = ref.startsWith('refs/tags/') ? (await git(repo.dir, ['cat-file', '-t', sha])).toString().trim() : 'commit';
  const url = `${repoUrl(world, repo)}/git`;
  return {
    ref,
    node_id: nodeId('Ref', `${repo.id}:${ref}`),
    url: `${url}/${encodeURI(ref)}`,
    object: { sha, type, url: `${url}/${type}s/${sha}` },
  };
}
