import type { DeploymentSnapshot, Files, PullRequestSnapshot, RepositorySnapshot } from '../../src/demo/github/index.ts';
import { app } from './apps.ts';
import { eventually } from './eventually.ts';
import { untilComment, untilServes, type World } from './world.ts';

/** A pull request from a branch of a repository; `host`: the first label of its preview's host. */
export type Story = { repository: RepositorySnapshot; branch: string; pull: PullRequestSnapshot; host: string };

export type StoryOptions = {
  /** A text: the name of one to be made. */
  repository: string | RepositorySnapshot;
  branch?: string;
  /** What the branch changes; an app that says `one` when left out. */
  files?: Files;
};

/** Opens a pull request and reads the host from the comment, as a person would. */
export async function openPull(world: World, { repository: wished, branch = 'feature/x', files = app({ text: 'one' }) }: StoryOptions): Promise<Story> {
  const { github } = world;
  const repository = typeof wished === 'string' ? await newRepository(world, wished) : wished;
  await github.commit({ repository, branch, files });
  const pull = await github.openPullRequest({ repository, head: branch, title: `About ${branch}` });
  const { body } = await untilComment(world, repository, pull.number, /\]\(http/);
  return { repository, branch, pull, host: hostIn(body) };
}

/** The same, and waits until the preview serves `text` and is said to run. */
export async function openServing(world: World, options: StoryOptions & { text?: string }): Promise<Story> {
  const { text = 'one' } = options;
  const story = await openPull(world, { files: app({ text }), ...options });
  await untilServes(world, story.host, text);
  await untilRunning(world, story.host);
  return story;
}

/** Waits (10 s) until the preview is said to run. */
export function untilRunning(world: World, host: string): Promise<boolean> {
  return eventually(`${host} is said to run`, async () => (await world.get(host, { path: '/_kosuke/status' })).text.includes('"state":"running"'));
}

/** One of an account of its own, so that what is said on GitHub elsewhere does not slow down what is said here. */
export function newRepository(world: World, name: string, files = app({ text: `${name} of main` })): Promise<RepositorySnapshot> {
  return world.github.createRepository({ owner: `${name}-team`, name, files });
}

/** First label of the host that the comment links to. */
export function hostIn(comment: string): string {
  const host = /\]\(http:\/\/(project-[a-z0-9-]+)\./.exec(comment)?.[1];
  if (host === undefined) throw new Error(`no preview is linked in ${comment}`);
  return host;
}

/** Over, or to be tried again, before it was worth telling that it had begun; a little more than these 400 ms, for a pass has to come, too. */
function wasQuick(world: World, sha: string): boolean {
  const lines = world.program.lines();
  const queued = lines.find((line) => line.msg === 'queued' && line['commit'] === sha);
  const over = lines.find((line) => line['deployment'] === queued?.['deployment'] && outcomes.has(line.msg));
  return queued !== undefined && over !== undefined && over.at.getTime() - queued.at.getTime() < 700;
}

const outcomes: ReadonlySet<string> = new Set(['live', 'failed', 'the build failed', 'an error of ours while building; it is tried again', 'an error of ours; it is tried again']);

/** Waits (30 s) until GitHub has been told exactly these statuses of the deployment of a commit. */
export async function untilStatuses(world: World, { repository }: Pick<Story, 'repository'>, sha: string, expected: readonly string[]): Promise<DeploymentSnapshot> {
  return eventually(
    `the deployment of ${sha.slice(0, 7)} has the statuses ${expected.join(', ')}`,
    () => {
      const [deployment, ...more] = world.github.deployments(repository).filter((each) => each.sha === sha);
      if (deployment === undefined || more.length > 0) throw new Error(`it has ${more.length + Number(deployment !== undefined)} deployments`);
      const states = deployment.statuses.map(({ state }) => state);
      const unsaid = expected[0] === 'in_progress' && states[0] !== 'in_progress' && wasQuick(world, sha);
      if (states.join() === expected.slice(unsaid ? 1 : 0).join()) return deployment;
      throw new Error(`they are ${states.join(', ')}`);
    },
    { within: 30_000 },
  );
}
