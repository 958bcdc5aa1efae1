import { deploymentStatusShape } from '../shapes/deployment.ts';
import type { DeploymentState } from '../types.ts';
import type { Deployment, DeploymentStatus, Repo, World } from '../world.ts';
import { fields } from './body.ts';
import { deploymentAt } from './deployments.ts';
import { invalid, invalidField } from './errors.ts';
import { page } from './paging.ts';
import { repoRoute, type RepoCall, type Route } from './routes.ts';

const states: DeploymentState[] = ['error', 'failure', 'inactive', 'in_progress', 'queued', 'pending', 'success'];

export const statusRoutes: Route[] = [
  repoRoute('GET', '/deployments/{deployment_id}/statuses', 'deployments:read', (call) => {
    const deployment = deploymentAt(call);
    return page(call, deployment.statuses.toReversed(), (status) => deploymentStatusShape(call.world, call.repo, deployment, status));
  }),
  repoRoute('POST', '/deployments/{deployment_id}/statuses', 'deployments:write', (call) => {
    const { world, repo } = call;
    const deployment = deploymentAt(call);
    const wanted = statusFields(call);
    const status = addStatus(world, deployment, { ...wanted, automatic: false });
    if (status.state === 'success' && wanted.autoInactive) retireOlder(world, repo, deployment);
    return { status: 201, body: deploymentStatusShape(world, repo, deployment, status) };
  }),
];

type WantedStatus = Pick<DeploymentStatus, 'state' | 'description' | 'environmentUrl' | 'logUrl'> & { environment?: string | undefined };

function statusFields(call: RepoCall): WantedStatus & { autoInactive: boolean } {
  const body = fields(call.body, {
    state: 'string',
    target_url: 'string?',
    log_url: 'string?',
    description: 'string?',
    environment: 'string?',
    environment_url: 'string?',
    auto_inactive: 'boolean?',
  });
  const state = states.find((known) => known === body.state);
  if (!state) throw invalid(`Invalid request.\n\n"${body.state}" is not a valid state.`);
  const { description = '', log_url: logUrl = body.target_url ?? '', environment_url: environmentUrl = '', environment } = body;
  if ([...description].length > 140) throw invalidField('DeploymentStatus', 'description', 'description is too long (maximum is 140 characters)');
  for (const [field, value] of Object.entries({ log_url: logUrl, environment_url: environmentUrl })) {
    if (value !== '' && !/^https?:\/\/[^\s]+$/i.test(value)) throw invalidField('DeploymentStatus', field, `${field} must use http(s) scheme`);
  }
  return { state, description, logUrl, environmentUrl, environment, autoInactive: body.auto_inactive ?? true };
}

function addStatus(world: World, deployment: Deployment, wanted: WantedStatus & { automatic: boolean }): DeploymentStatus {
  const { state, description, logUrl, environmentUrl, automatic } = wanted;
  const id = world.nextId('status');
  const createdAt = world.now();
  const environment = wanted.environment ?? deployment.environment;
  const status: DeploymentStatus = { id, state, description, logUrl, environmentUrl, environment, automatic, createdAt };
  deployment.statuses.push(status);
  deployment.environment = environment;
  deployment.updatedAt = createdAt;
  return status;
}

/** GitHub's `auto_inactive`: older successful deployments of the environment, unless that is transient or production. */
function retireOlder(world: World, repo: Repo, current: Deployment): void {
  for (const deployment of repo.deployments.values()) {
    if (deployment.id >= current.id || deployment.environment !== current.environment) continue;
    if (deployment.transient || deployment.production || deployment.statuses.at(-1)?.state !== 'success') continue;
    addStatus(world, deployment, { state: 'inactive', description: '', logUrl: '', environmentUrl: '', automatic: true });
  }
}
