import type { JsonObject } from '../types.ts';
import type { Deployment, DeploymentStatus, Repo, World } from '../world.ts';
import { accountShape, iso, nodeId } from './account.ts';
import { appShape } from './installation.ts';
import { repoUrl } from './repository.ts';

/** GitHub's "deployment"; all here are the App's. */
export function deploymentShape(world: World, repo: Repo, deployment: Deployment): JsonObject {
  const url = `${repoUrl(world, repo)}/deployments/${deployment.id}`;
  return {
    url,
    id: deployment.id,
    node_id: nodeId('Deployment', deployment.id),
    sha: deployment.sha,
    ref: deployment.ref,
    task: deployment.task,
    payload: deployment.payload,
    original_environment: deployment.originalEnvironment,
    environment: deployment.environment,
    description: deployment.description,
    creator: accountShape(world, world.app.bot),
    created_at: iso(deployment.createdAt),
    updated_at: iso(deployment.updatedAt),
    statuses_url: `${url}/statuses`,
    repository_url: repoUrl(world, repo),
    transient_environment: deployment.transient,
    production_environment: deployment.production,
    performed_via_github_app: appShape(world),
  };
}

/** GitHub's "deployment status". */
export function deploymentStatusShape(world: World, repo: Repo, deployment: Deployment, status: DeploymentStatus): JsonObject {
  const deploymentUrl = `${repoUrl(world, repo)}/deployments/${deployment.id}`;
  return {
    url: `${deploymentUrl}/statuses/${status.id}`,
    id: status.id,
    node_id: nodeId('DeploymentStatus', status.id),
    state: status.state,
    creator: accountShape(world, world.app.bot),
    description: status.description,
    environment: status.environment,
    target_url: status.logUrl,
    created_at: iso(status.createdAt),
    updated_at: iso(status.createdAt),
    deployment_url: deploymentUrl,
    repository_url: repoUrl(world, repo),
    environment_url: status.environmentUrl,
    log_url: status.logUrl,
    performed_via_github_app: appShape(world),
  };
}
