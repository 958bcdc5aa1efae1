import { accountOf, actorFor, mayWrite } from './accounts.ts';
import { repoOf } from './find.ts';
import { resolveCommit } from './git/history.ts';
import { git } from './git/run.ts';
import { writeCommit } from './git/write.ts';
import { push } from './pushes.ts';
import { createRepository, deleteRepository, forkRepository, renameRepository, setPrivate, transferRepository } from './repositories.ts';
import { repositorySnapshot } from './snapshots.ts';
import type { LocalGitHub } from './types.ts';
import { type Account, Refused, type Repo, type World } from './world.ts';

type RepositoryActs = Pick<
  LocalGitHub,
  | 'createRepository'
  | 'forkRepository'
  | 'renameRepository'
  | 'transferRepository'
  | 'setPrivate'
  | 'deleteRepository'
  | 'repository'
  | 'commit'
  | 'createBranch'
  | 'forcePush'
  | 'deleteBranch'
  | 'branches'
>;

/** What people do with repositories and their branches. */
export function repositoryActs(world: World): RepositoryActs {
  const shown = (repo: Repo) => repositorySnapshot(world, repo);
  return {
    createRepository: async ({ owner, name, private: isPrivate = false, files, message = 'First version', installed = true }) =>
      shown(await createRepository(world, { owner: accountOf(world, owner), name, private: isPrivate, files, message, installed })),
    forkRepository: async ({ repository, owner, name, installed = false }) => {
      const parent = repoOf(world, repository);
      return shown(await forkRepository(world, parent, accountOf(world, owner), name ?? parent.name, installed));
    },
    renameRepository: (ref, name) => {
      renameRepository(world, repoOf(world, ref), name);
      return shown(repoOf(world, ref));
    },
    transferRepository: (ref, owner) => {
      transferRepository(world, repoOf(world, ref), accountOf(world, owner));
      return shown(repoOf(world, ref));
    },
    setPrivate: (ref, isPrivate) => {
      setPrivate(world, repoOf(world, ref), isPrivate);
      return shown(repoOf(world, ref));
    },
    deleteRepository: (ref) => deleteRepository(world, repoOf(world, ref)),
    repository: (ref) => shown(repoOf(world, ref)),
    commit: ({ repository, branch, files = {}, deletions = [], message = 'Update', from, author: login }) => {
      const repo = repoOf(world, repository);
      const author = writer(world, repo, login);
      const ref = `refs/heads/${branch}`;
      return push(world, repo, author, async () => {
        const parent = await commitNamed(repo, from ?? repo.refs.get(ref) ?? repo.defaultBranch);
        return writeCommit(repo.dir, { ref, parent, files, deletions, message, author, at: world.now() });
      });
    },
    createBranch: ({ repository, branch, from, author }) => {
      const repo = repoOf(world, repository);
      return push(world, repo, writer(world, repo, author), async () => {
        const sha = await commitNamed(repo, from ?? repo.defaultBranch);
        await git(repo.dir, ['update-ref', `refs/heads/${branch}`, sha, '0'.repeat(40)]);
        return sha;
      });
    },
    forcePush: ({ repository, branch, to, author }) => {
      const repo = repoOf(world, repository);
      return push(world, repo, writer(world, repo, author), async () => {
        const sha = await commitNamed(repo, to);
        await git(repo.dir, ['update-ref', `refs/heads/${branch}`, sha]);
        return sha;
      });
    },
    deleteBranch: async ({ repository, branch, author }) => {
      const repo = repoOf(world, repository);
      const ref = `refs/heads/${branch}`;
      if (branch === repo.defaultBranch) throw new Refused('the default branch cannot be deleted');
      await push(world, repo, writer(world, repo, author), async () => {
        if (!repo.refs.has(ref)) throw new Refused(`there is no branch ${branch}`);
        await git(repo.dir, ['update-ref', '-d', ref]);
      });
    },
    branches: (ref) => {
      const heads = [...repoOf(world, ref).refs].filter(([name]) => name.startsWith('refs/heads/'));
      return Object.fromEntries(heads.map(([name, sha]) => [name.slice('refs/heads/'.length), sha]));
    },
  };
}

function writer(world: World, repo: Repo, login: string | undefined): Account {
  const account = actorFor(world, repo.owner, login);
  if (!mayWrite(repo, account)) throw new Refused(`${account.login} may not write to ${repo.owner.login}/${repo.name}`);
  return account;
}

async function commitNamed(repo: Repo, name: string): Promise<string> {
  const sha = await resolveCommit(repo.dir, name);
  if (sha === undefined) throw new Refused(`${repo.owner.login}/${repo.name} has no branch, tag or commit ${name}`);
  return sha;
}
