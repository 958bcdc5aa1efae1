import { html } from 'hono/html';
import type { Deployment, DeploymentStatus, Pull, World } from '../world.ts';
import { icons } from './icons.ts';
import { ago, type Html } from './layout.ts';

type Mood = 'good' | 'bad' | 'busy' | 'off';

const leads: Record<Mood, [string, string]> = {
  good: ['This branch was successfully deployed', 'The newest deployment is live.'],
  busy: ['This branch is being deployed', 'The newest deployment is on its way.'],
  bad: ['This branch had an error being deployed', 'The newest deployment did not succeed.'],
  off: ['This branch is not deployed', 'Its deployments are inactive.'],
};

/** Where the pull request's commits are deployed: the live and coming ones open, the inactive ones folded. Nothing when there are none. */
export function deploymentsBox(world: World, pull: Pull): Html | '' {
  const deployments = [...pull.repo.deployments.values()].filter((one) => belongsTo(one, pull)).toReversed();
  if (deployments.length === 0) return '';
  const active = deployments.filter((one) => moodOf(one) !== 'off');
  const inactive = deployments.filter((one) => moodOf(one) === 'off');
  const mood = active[0] ? moodOf(active[0]) : 'off';
  const [lead, detail] = leads[mood];
  return html`<section class="card deploys">
    <div class="lead"><span class="dot ${mood}">${icons[mood]}</span><span><b>${lead}</b><span class="dim">${detail}</span></span></div>
    ${active.map((one) => row(world, one))}
    ${inactive.length > 0 ? html`<details><summary>${inactive.length} inactive</summary>${inactive.map((one) => row(world, one))}</details>` : ''}
  </section>`;
}

function belongsTo(deployment: Deployment, pull: Pull): boolean {
  return pull.heads.includes(deployment.sha) || (pull.head.repo === pull.repo && deployment.ref === pull.head.ref);
}

function moodOf(deployment: Deployment): Mood {
  const state = deployment.statuses.at(-1)?.state;
  if (state === 'success') return 'good';
  if (state === 'failure' || state === 'error') return 'bad';
  return state === 'inactive' ? 'off' : 'busy';
}

function row(world: World, deployment: Deployment): Html {
  const { statuses, environment, sha, createdAt } = deployment;
  const last = statuses.at(-1);
  const log = newest(statuses, 'logUrl');
  const live = last?.state === 'success' ? newest(statuses, 'environmentUrl') : undefined;
  const state = (last?.state ?? 'pending').replace('_', ' ');
  return html`<div class="row"><b>${environment}</b> <span class="state ${moodOf(deployment)}">${state}</span>
    <span class="sha">${sha.slice(0, 7)}</span> <span class="dim">${ago(last?.createdAt ?? createdAt, world.now())}</span>
    ${last?.description ? html`<span class="dim">${last.description}</span>` : ''}
    <span class="links">${log ? html`<a href="${log}">Logs</a>` : ''}${live ? html`<a class="button" href="${live}">View deployment</a>` : ''}</span>
  </div>`;
}

function newest(statuses: DeploymentStatus[], field: 'logUrl' | 'environmentUrl'): string | undefined {
  return statuses.findLast((status) => status[field] !== '')?.[field];
}
