import { readCommit, resolveCommit } from '../git/history.ts';
import { commitShape, gitCommitShape } from '../shapes/commit.ts';
import { invalid, notFound } from './errors.ts';
import { repoRoute, type Route } from './routes.ts';

export const commitRoutes: Route[] = [
  repoRoute('GET', '/commits/{ref+}', 'contents:read', async ({ world, repo, params }) => {
    const ref = params['ref'] ?? '';
    const sha = await resolveCommit(repo.dir, ref.replace(/^(heads|tags)\//, ''));
    if (sha === undefined) throw invalid(`No commit found for SHA: ${ref}`);
    return { status: 200, body: commitShape(world, repo, await readCommit(repo.dir, sha)) };
  }),
  repoRoute('GET', '/git/commits/{commit_sha}', 'contents:read', async ({ world, repo, params }) => {
    const sha = await resolveCommit(repo.dir, params['commit_sha'] ?? '');
    if (sha === undefined || sha !== params['commit_sha']) throw notFound();
    return { status: 200, body: gitCommitShape(world, repo, await readCommit(repo.dir, sha)) };
  }),
];
