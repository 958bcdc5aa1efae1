import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { actorFor } from './accounts.ts';
import { installationOn } from './coverage.ts';
import { git } from './git/run.ts';
import { initBare, readRefs } from './git/bare.ts';
import { writeCommit } from './git/write.ts';
import { emit, emitSelection } from './hooks/emit.ts';
import { accountShape, organizationShape } from './shapes/account.ts';
import { fullName } from './shapes/repository.ts';
import { install } from './installations.ts';
import type { Files } from './types.ts';
import { type Account, Refused, type Repo, type World } from './world.ts';

export type NewRepository = { owner: Account; name: string; private: boolean; files: Files; message: string; installed: boolean };

/** Makes a repository with one commit on `main`, and then installs the App on it when asked to. */
export async function createRepository(world: World, wanted: NewRepository): Promise<Repo> {
  const repo = newRepo(world, wanted.owner, wanted.name, wanted.private);
  await initBare(repo.dir);
  const { files, message } = wanted;
  await writeCommit(repo.dir, { ref: 'refs/heads/main', files, message, author: actorFor(world, repo.owner, undefined), at: world.now() });
  return publish(world, repo, wanted.installed);
}

/** Copies a repository to another account. */
export async function forkRepository(world: World, parent: Repo, owner: Account, name: string, installed: boolean): Promise<Repo> {
  const repo = newRepo(world, owner, name, parent.private);
  repo.parent = parent;
  await initBare(repo.dir);
  await git(repo.dir, ['fetch', '--quiet', '--no-write-fetch-head', parent.dir, '+refs/heads/*:refs/heads/*', '+refs/tags/*:refs/tags/*']);
  return publish(world, repo, installed);
}

/** The repository of that name; its former names are for `movedRepo`. */
export function findRepo(world: World, owner: string, name: string): Repo | undefined {
  const wanted = `${owner}/${name}`.toLowerCase();
  return [...world.repos.values()].find((repo) => !repo.deleted && fullName(repo).toLowerCase() === wanted);
}

/** The repository that had that name once; a new repository of that name comes first. */
export function movedRepo(world: World, owner: string, name: string): Repo | undefined {
  const id = world.moved.get(`${owner}/${name}`.toLowerCase());
  const repo = id === undefined ? undefined : world.repos.get(id);
  return repo?.deleted ? undefined : repo;
}

export function renameRepository(world: World, repo: Repo, name: string): void {
  assertFree(world, repo.owner, name);
  const from = repo.name;
  world.moved.set(fullName(repo).toLowerCase(), repo.id);
  repo.name = name;
  repo.updatedAt = world.now();
  emit(world, 'repository', repo, actorFor(world, repo.owner, undefined), {
    action: 'renamed',
    changes: { repository: { name: { from } } },
  });
}

/** The App follows where it is installed on the new owner; there alone is the event seen. */
export function transferRepository(world: World, repo: Repo, owner: Account): void {
  assertFree(world, owner, repo.name);
  const from = repo.owner;
  world.moved.set(fullName(repo).toLowerCase(), repo.id);
  const left = installationOn(world, from);
  const leaves = left && (left.selected?.delete(repo.id) ?? true);
  repo.owner = owner;
  repo.updatedAt = world.now();
  if (left && leaves) emitSelection(world, left, [], [repo], actorFor(world, from, undefined));
  const joined = installationOn(world, owner);
  if (joined?.selected === null) emitSelection(world, joined, [repo], [], actorFor(world, owner, undefined));
  const former = from.type === 'Organization' ? { organization: organizationShape(world, from) } : { user: accountShape(world, from) };
  emit(world, 'repository', repo, actorFor(world, from, undefined), { action: 'transferred', changes: { owner: { from: former } } });
}

export function setPrivate(world: World, repo: Repo, isPrivate: boolean): void {
  if (repo.private === isPrivate) return;
  repo.private = isPrivate;
  repo.updatedAt = world.now();
  emit(world, 'repository', repo, actorFor(world, repo.owner, undefined), { action: isPrivate ? 'privatized' : 'publicized' });
}

/** Its pushes end first; forks live on. */
export function deleteRepository(world: World, repo: Repo): Promise<void> {
  return repo.exclusive(async () => {
    emit(world, 'repository', repo, actorFor(world, repo.owner, undefined), { action: 'deleted' });
    repo.deleted = true;
    installationOn(world, repo.owner)?.selected?.delete(repo.id);
    await rm(repo.dir, { recursive: true, force: true });
  });
}

function newRepo(world: World, owner: Account, name: string, isPrivate: boolean): Repo {
  assertFree(world, owner, name);
  const id = world.nextId('repository');
  const now = world.now();
  return {
    id,
    owner,
    name,
    private: isPrivate,
    defaultBranch: 'main',
    dir: join(world.dir, `${id}.git`),
    refs: new Map(),
    parent: null,
    collaborators: new Map(),
    nextNumber: 1,
    pulls: new Map(),
    comments: new Map(),
    deployments: new Map(),
    deleted: false,
    createdAt: now,
    updatedAt: now,
    pushedAt: now,
    exclusive: oneAtATime(),
  };
}

async function publish(world: World, repo: Repo, installed: boolean): Promise<Repo> {
  repo.refs = await readRefs(repo.dir);
  assertFree(world, repo.owner, repo.name);
  world.repos.set(repo.id, repo);
  world.moved.delete(fullName(repo).toLowerCase());
  const installation = installationOn(world, repo.owner);
  if (installed && !installation) install(world, repo.owner, new Set([repo.id]));
  else if (installation && (installed || installation.selected === null)) {
    installation.selected?.add(repo.id);
    emitSelection(world, installation, [repo], [], actorFor(world, repo.owner, undefined));
  }
  return repo;
}

function assertFree(world: World, owner: Account, name: string): void {
  if (!/^[\w.-]{1,100}$/.test(name) || name === '.' || name === '..' || name.endsWith('.git')) throw new Refused(`"${name}" is not a repository name`);
  if (findRepo(world, owner.login, name)) throw new Refused(`${owner.login}/${name} exists already`);
}

function oneAtATime(): Repo['exclusive'] {
  let tail: Promise<unknown> = Promise.resolve();
  return (work) => {
    const run = tail.then(work, work);
    tail = run;
    return run;
  };
}
