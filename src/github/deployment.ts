import { z } from 'zod';
import type { Reporter } from '../reconcile/ports/reporter.ts';
import { type Asker, ask, askAll } from './ask.ts';

const environment = 'Preview';

type DeploymentRequest = Parameters<Reporter['createDeployment']>[0];
type StatusRequest = Parameters<Reporter['createStatus']>[0];

/**
 * A deployment of exactly this commit. Without `auto_merge: false` GitHub would merge the base into the branch, and without
 * `required_contexts: []` refuse while checks run.
 * https://docs.github.com/en/rest/deployments/deployments#create-a-deployment
 */
export async function createDeployment(octokit: Asker, request: DeploymentRequest, signal: AbortSignal): Promise<{ id: number }> {
  const { project, sha, ours, previewUrl } = request;
  const earlier = request.maybeCreated ? await findOurs(octokit, request, signal) : null;
  if (earlier !== null) return earlier;
  const question = {
    what: `GitHub did not take the deployment of ${sha.slice(0, 7)} in ${project.owner}/${project.name}`,
    route: 'POST /repos/{owner}/{repo}/deployments',
    parameters: {
      owner: project.owner,
      repo: project.name,
      ref: sha,
      auto_merge: false,
      required_contexts: [],
      environment,
      transient_environment: true,
      production_environment: false,
      payload: { kosuke: ours, ...(previewUrl === null ? {} : { preview: previewUrl }) },
    },
    shape: z.object({ id: z.int().positive(), sha: z.literal(sha) }),
  };
  const { id } = await ask(octokit, question, signal);
  return { id };
}

/** The deployment whose answer we did not get to see. GitHub gives a payload back as it was sent, or as text. */
async function findOurs(octokit: Asker, { project, sha, ours }: DeploymentRequest, signal: AbortSignal): Promise<{ id: number } | null> {
  const question = {
    what: `GitHub did not list the deployments of ${sha.slice(0, 7)} in ${project.owner}/${project.name}`,
    route: 'GET /repos/{owner}/{repo}/deployments',
    parameters: { owner: project.owner, repo: project.name, sha, environment },
    shape: z.array(z.object({ id: z.int().positive(), payload: z.unknown() })),
  };
  const listed = (await askAll(octokit, question, signal)).flat();
  const found = listed.find(({ payload }) => (typeof payload === 'string' ? payload : JSON.stringify(payload ?? null)).includes(JSON.stringify(ours)));
  return found === undefined ? null : { id: found.id };
}

/** Older deployments stay as they are: each gets its own `inactive` from us, since GitHub would spare transient ones anyway. */
export async function createStatus(octokit: Asker, request: StatusRequest, signal: AbortSignal): Promise<void> {
  const { project, githubDeploymentId, status, logUrl, environmentUrl, description } = request;
  const question = {
    what: `GitHub did not take the status ${status} in ${project.owner}/${project.name}`,
    route: 'POST /repos/{owner}/{repo}/deployments/{deployment_id}/statuses',
    parameters: {
      owner: project.owner,
      repo: project.name,
      deployment_id: githubDeploymentId,
      state: status,
      log_url: logUrl,
      ...(environmentUrl === null ? {} : { environment_url: environmentUrl }),
      description: shortened(description),
      auto_inactive: false,
    },
    shape: z.object({ id: z.int().positive() }),
  };
  await ask(octokit, question, signal);
}

/** GitHub counts characters and takes 140. */
function shortened(text: string): string {
  const characters = [...text];
  return characters.length <= 140 ? text : `${characters.slice(0, 139).join('')}…`;
}
