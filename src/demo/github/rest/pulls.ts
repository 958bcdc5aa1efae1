import { mergedTree } from '../git/write.ts';
import { listedPullShape, pullShape } from '../shapes/pull.ts';
import type { Pull } from '../world.ts';
import { invalid, notFound } from './errors.ts';
import { page } from './paging.ts';
import { type Call, numberParam, repoRoute, type RepoCall, type Route } from './routes.ts';

export const pullRoutes: Route[] = [
  repoRoute('GET', '/pulls', 'pull_requests:read', (call) => {
    const pulls = [...call.repo.pulls.values()].filter(matching(call.query)).sort(ordering(call));
    return page(call, pulls, (pull) => listedPullShape(call.world, pull));
  }),
  repoRoute('GET', '/pulls/{pull_number}', 'pull_requests:read', async (call) => {
    const pull = pullAt(call, 'pull_number');
    return { status: 200, body: pullShape(call.world, pull, await mergeable(pull)) };
  }),
];

/** @throws ApiError 404 */
export function pullAt(call: RepoCall, param: string): Pull {
  const pull = call.repo.pulls.get(numberParam(call, param));
  if (!pull) throw notFound();
  return pull;
}

/** `head` without an owner is not looked at, as on GitHub. */
function matching(query: URLSearchParams): (pull: Pull) => boolean {
  const state = query.get('state') ?? 'open';
  if (!['open', 'closed', 'all'].includes(state)) throw invalid('Validation Failed');
  const head = /^([^:]+):(.+)$/s.exec(query.get('head') ?? '');
  const base = query.get('base');
  return (pull) =>
    (state === 'all' || pull.state === state) &&
    (!head || (pull.head.repo.owner.login.toLowerCase() === head[1]?.toLowerCase() && pull.head.ref === head[2])) &&
    (!base || pull.base.ref === base);
}

/** Newest first by default; by anything else than creation, oldest first by default. */
function ordering({ query }: Call): (a: Pull, b: Pull) => number {
  const sort = query.get('sort') ?? 'created';
  const direction = query.get('direction') ?? (sort === 'created' ? 'desc' : 'asc');
  const key = (pull: Pull) => (sort === 'updated' ? pull.updatedAt : pull.createdAt).getTime();
  const sign = direction === 'desc' ? -1 : 1;
  return (a, b) => sign * (key(a) - key(b) || a.number - b.number);
}

/** Asked of git for every reading of an open pull request; null when it is closed. */
async function mergeable(pull: Pull): Promise<boolean | null> {
  if (pull.state === 'closed') return null;
  return (await mergedTree(pull.repo.dir, pull.base.sha, pull.head.sha)) !== undefined;
}
