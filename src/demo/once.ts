import type { Check } from './checks.ts';
import { headlineChange, headlines } from './sample.ts';
import { commentOn, type Stage } from './stage.ts';
import type { World } from './world.ts';

/** Open → push → close without a person; each thing that a person would look at is looked at. */
export async function once(world: World, stage: Stage, check: Check): Promise<void> {
  await opened(world, stage, check);
  const sha = await pushed(world, stage, check);
  await closed(world, stage, sha, check);
}

async function opened(world: World, stage: Stage, check: Check): Promise<void> {
  const { pull } = stage;
  await check(`the preview answers 200 with “${headlines.pull}”`, () => serves(world, stage, pull.head.sha, headlines.pull));
  await check('the comment says running, at that address', () => commentSays(world, stage, pull.head.sha));
  await check('the deployment is a success, with that address', () => deploymentIs(world, stage, pull.head.sha, 'success'));
}

async function pushed(world: World, stage: Stage, check: Check): Promise<string> {
  const { repository, pull } = stage;
  const files = await headlineChange();
  const sha = await world.github.commit({ repository, branch: pull.head.ref, files, message: 'A new headline', author: 'ada' });
  await check(`the preview answers 200 with “${headlines.push}”`, () => serves(world, stage, sha, headlines.push));
  await check('the container of the old version is gone', async () => {
    const { containers } = await world.remains();
    return containers.length === 1 || `there are ${listed(containers)}`;
  });
  await check('the comment says running, at the new commit', () => commentSays(world, stage, sha));
  await check('the deployment of the new commit is a success', () => deploymentIs(world, stage, sha, 'success'));
  await check('the deployment of the old commit is inactive', () => deploymentIs(world, stage, pull.head.sha, 'inactive'));
  return sha;
}

async function closed(world: World, stage: Stage, sha: string, check: Check): Promise<void> {
  const { repository, pull, url } = stage;
  await world.github.closePullRequest({ repository, number: pull.number, author: 'ada' });
  await check('the address answers 410: the preview is gone', async () => {
    const { status, headers } = await world.get(url);
    return (status === 410 && headers['x-kosuke-state'] === 'removed') || `${status}, X-Kosuke-State: ${headers['x-kosuke-state'] ?? 'none'}`;
  });
  await check('the comment says that it was removed', () => {
    const body = commentOn(world, stage)?.body ?? 'there is none';
    return /removed/i.test(body) || body;
  });
  await check('the deployment is inactive', () => deploymentIs(world, stage, sha, 'inactive'));
  await check('no container, network or image is left', async () => {
    const left = Object.values(await world.remains()).flat();
    return left.length === 0 || `there are ${listed(left)}`;
  });
}

async function serves(world: World, { url }: Stage, sha: string, headline: string): Promise<true | string> {
  const { status, headers, text } = await world.get(url);
  if (status === 200 && headers['x-kosuke-commit'] === sha && text.includes(`<h1>${headline}</h1>`)) return true;
  return `${status} from commit ${headers['x-kosuke-commit'] ?? 'none'}: ${text.slice(0, 200)}`;
}

function commentSays(world: World, stage: Stage, sha: string): true | string {
  const body = commentOn(world, stage)?.body ?? 'there is none';
  return (/\bRunning\b/.test(body) && body.includes(stage.url) && body.includes(sha)) || body;
}

function deploymentIs(world: World, { repository, url }: Stage, sha: string, state: 'success' | 'inactive'): true | string {
  const deployment = world.github.deployments(repository).find((deployment) => deployment.sha === sha);
  const status = deployment?.statuses.at(-1);
  if (status === undefined) return 'there is none';
  if (state === 'success' && status.environmentUrl !== url) return `${status.state} at ${status.environmentUrl || 'no address'}`;
  return status.state === state || status.state;
}

function listed(names: string[]): string {
  return names.length === 0 ? 'none' : names.join(', ');
}
