import { resolveCommit, isAncestor } from '../git/history.ts';
import { mergedTree, writeCommit } from '../git/write.ts';
import { push } from '../pushes.ts';
import { deploymentShape } from '../shapes/deployment.ts';
import type { Deployment } from '../world.ts';
import { fields } from './body.ts';
import { ApiError, invalid, notFound } from './errors.ts';
import { page } from './paging.ts';
import { numberParam, type Reply, repoRoute, type RepoCall, type Route } from './routes.ts';

export const deploymentRoutes: Route[] = [
  repoRoute('GET', '/deployments', 'deployments:read', (call) => {
    const wanted = (['sha', 'ref', 'task', 'environment'] as const).map((name) => [name, call.query.get(name)] as const);
    const matching = (deployment: Deployment) => wanted.every(([name, value]) => !value || value === 'none' || deployment[name] === value);
    const deployments = [...call.repo.deployments.values()].toReversed().filter(matching);
    return page(call, deployments, (deployment) => deploymentShape(call.world, call.repo, deployment));
  }),
  repoRoute('POST', '/deployments', 'deployments:write', create),
  repoRoute('GET', '/deployments/{deployment_id}', 'deployments:read', (call) => ({
    status: 200,
    body: deploymentShape(call.world, call.repo, deploymentAt(call)),
  })),
];

/** @throws ApiError 404 */
export function deploymentAt(call: RepoCall): Deployment {
  const deployment = call.repo.deployments.get(numberParam(call, 'deployment_id'));
  if (!deployment) throw notFound();
  return deployment;
}

/**
 * As GitHub: unless `auto_merge` is false the default branch is first merged into a branch that lacks it (202, and no deployment);
 * every one of `required_contexts` must have succeeded, and nothing here ever reports a status.
 */
async function create(call: RepoCall): Promise<Reply> {
  const { world, repo } = call;
  const wanted = fields(call.body, {
    ref: 'string',
    task: 'string?',
    auto_merge: 'boolean?',
    required_contexts: 'strings?',
    payload: 'object|string?',
    environment: 'string?',
    description: 'string|null?',
    transient_environment: 'boolean?',
    production_environment: 'boolean?',
  });
  const sha = await resolveCommit(repo.dir, wanted.ref);
  if (sha === undefined) throw invalid(`No ref found for: ${wanted.ref}`);
  if (wanted.auto_merge ?? true) {
    const merged = await autoMerge(call, wanted.ref, sha);
    if (merged) return merged;
  }
  const missing = wanted.required_contexts ?? [];
  if (missing.length > 0) throw new ApiError(409, `Conflict: Commit status checks failed for ${wanted.ref}.`);
  const now = world.now();
  const environment = wanted.environment ?? 'production';
  const deployment: Deployment = {
    id: world.nextId('deployment'),
    sha,
    ref: wanted.ref,
    task: wanted.task ?? 'deploy',
    environment,
    originalEnvironment: environment,
    payload: wanted.payload ?? {},
    description: wanted.description ?? null,
    transient: wanted.transient_environment ?? false,
    production: wanted.production_environment ?? environment === 'production',
    createdAt: now,
    updatedAt: now,
    statuses: [],
  };
  repo.deployments.set(deployment.id, deployment);
  return { status: 201, body: deploymentShape(world, repo, deployment) };
}

async function autoMerge({ world, repo }: RepoCall, branch: string, sha: string): Promise<Reply | undefined> {
  const ref = `refs/heads/${branch}`;
  const main = repo.refs.get(`refs/heads/${repo.defaultBranch}`);
  if (main === undefined || repo.refs.get(ref) !== sha || (await isAncestor(repo.dir, main, sha))) return undefined;
  const tree = await mergedTree(repo.dir, sha, main);
  if (tree === undefined) throw new ApiError(409, `Conflict merging ${repo.defaultBranch} into ${branch}`);
  const message = `Auto-merged ${repo.defaultBranch} into ${branch} on deployment.`;
  const author = world.app.bot;
  await push(world, repo, author, () =>
    writeCommit(repo.dir, { ref, parent: sha, merge: { parent: main, tree }, message, author, at: world.now() }),
  );
  return { status: 202, body: { message } };
}
