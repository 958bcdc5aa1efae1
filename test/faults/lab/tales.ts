import { randomUUID } from 'node:crypto';
import type { Files, RepositorySnapshot } from '../../../src/demo/github/index.ts';
import { app } from '../../support/apps.ts';
import type { Lab } from './lab.ts';
import type { Tale } from './snapshot.ts';

/** A repository of an account of its own. */
export function newRepository({ world }: Lab, name: string): Promise<RepositorySnapshot> {
  return world.github.createRepository({ owner: `${name}-team`, name, files: app({ text: `${name} of main` }) });
}

/** Opens a pull request from a new branch, which the laboratory looks at from now on. */
export async function open(lab: Lab, repository: RepositorySnapshot, branch: string, files: Files = fresh()): Promise<Tale> {
  await lab.world.github.commit({ repository, branch, files });
  const { number } = await lab.world.github.openPullRequest({ repository, head: branch });
  const tale: Tale = { repository, branch, number, expects: 'running' };
  lab.tales.push(tale);
  return tale;
}

export function push({ world }: Lab, { repository, branch }: Tale, files: Files = fresh()): Promise<string> {
  return world.github.commit({ repository, branch, files });
}

/** Puts it to sleep, as a person does by a command; `false` when the program ended before it had answered. */
export async function sleep(lab: Lab, tale: Tale): Promise<boolean> {
  tale.expects = 'asleep';
  try {
    const operations = await lab.world.program.operations();
    const answer = await operations.sleep({ preview: nameOf(tale) });
    return answer.ok;
  } catch {
    return false;
  }
}

export async function close({ world }: Lab, { repository, number }: Tale): Promise<void> {
  await world.github.closePullRequest({ repository, number });
}

/** An app that nobody has built before. */
function fresh(): Files {
  return app({ text: randomUUID() });
}

function nameOf({ repository, branch }: Tale) {
  const [owner = '', repo = ''] = repository.fullName.split('/');
  return { kind: 'branch', owner, repo, branch } as const;
}
