import { repositoriesOf } from '../coverage.ts';
import { fullRepositoryShape, repositoryShape } from '../shapes/repository.ts';
import { countedPage } from './paging.ts';
import { repoRoute, type Route } from './routes.ts';

export const repositoryRoutes: Route[] = [
  {
    method: 'GET',
    template: '/installation/repositories',
    for: 'installation',
    handle: (call) => {
      const { installation, repositories } = call.token;
      const all = repositoriesOf(call.world, installation).filter(({ id }) => repositories?.has(id) ?? true);
      const answer = countedPage(call, 'repositories', all, (repo) => repositoryShape(call.world, repo));
      const selection = repositories || installation.selected ? 'selected' : 'all';
      return { ...answer, body: { ...answer.body, repository_selection: selection } };
    },
  },
  repoRoute('GET', '', 'metadata:read', ({ world, repo }) => ({ status: 200, body: fullRepositoryShape(world, repo) })),
];
