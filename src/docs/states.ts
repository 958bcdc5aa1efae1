import { stateWords } from '../domain/comment/state-text.ts';
import { deploymentStateMeanings, deploymentStates, endedStates, githubStatuses, type DeploymentState, type GithubStatus } from '../domain/deployment.ts';
import { githubStatus, queuedReportDue, statusDescription } from '../domain/github-status.ts';
import { previewStateMeanings, previewStates, type PreviewState } from '../domain/preview.ts';
import { reasons } from '../gate/reasons.ts';
import { gateStateMeanings, gateStates, statusOf, type GateState } from '../gate/state.ts';
import { code, page, table } from './markdown.ts';

/** Every state, of previews and deployments, and what people, browsers and GitHub get to see of it. */
export function statesPage(): string {
  return page(
    'States',
    ['src/domain/preview.ts', 'src/domain/deployment.ts', 'src/domain/github-status.ts', 'src/gate/state.ts', 'src/gate/reasons.ts'],
    `## Of a preview\n\nOne word for what a visitor would find. What a newer version is doing while an older one serves is a fact of its own, which comment and pages show beside it.`,
    table(['State', 'In the comment', 'Meaning'], previewStates.map((state) => [code(state), stateWords[state], previewStateMeanings[state]])),
    `## Of a deployment\n\nOne commit on its way: \`queued → building → built → starting → live → superseded\`. From any of the first five it can end as \`failed\`, \`cancelled\` or \`removed\`, or be an \`error\` that is tried again.`,
    table(['State', 'Meaning', 'Has ended', 'GitHub is told'], deploymentStates.map(deploymentRow)),
    `## What the gate answers\n\nOn a preview's host when no container of it is reached. \`X-Kosuke-State\` names the state; \`GET /_kosuke/status\` gives it as JSON in every state.`,
    table(['State', 'Status', '`Retry-After`', 'Meaning'], gateStates().map(gateRow)),
    `## What GitHub shows of a deployment\n\nIn the environment \`Preview\`, with the sentence beside it as an example.`,
    table(['Status', 'From deployments that are', 'Sentence'], githubStatuses.map(statusRow)),
    `## Why there is a preview, or none`,
    table(['Reason', 'Why', 'What changes it'], Object.entries(reasons).map(([reason, { why, next }]) => [code(reason), why, next])),
  );
}

function deploymentRow(state: DeploymentState): string[] {
  const [soon, later] = [told(state, 1_000), told(state)];
  const wait = soon === later ? '' : ` after ${queuedReportDue(example).getTime() / 1_000} s`;
  return [code(state), deploymentStateMeanings[state], endedStates.includes(state) ? 'yes' : '', later === null ? '' : `${code(later)}${wait}`];
}

/** What GitHub is told of a deployment in that state that it knows and was told no status of, so long after it was made. */
function told(state: DeploymentState, ms = 60_000): GithubStatus | null {
  return githubStatus({ ...example, state }, { now: new Date(ms), crashed: false });
}

const example = {
  createdAt: new Date(0),
  buildStartedAt: null,
  builtAt: new Date(5_000),
  startedAt: new Date(5_500),
  readyAt: new Date(6_000),
  endedAt: null,
  githubDeploymentId: 1,
  reportedStatus: null,
  failure: null,
};

function statusRow(status: GithubStatus): string[] {
  const from = deploymentStates.filter((state) => told(state) === status);
  const sentences = new Set(from.map((state) => statusDescription(status, { ...example, state })));
  return [code(status), from.map(code).join(', '), [...sentences].join('; or: ')];
}

function gateRow(state: GateState): string[] {
  const { status, retryAfter } = statusOf(state);
  const meaning = isOfPreview(state) ? previewStateMeanings[state] : gateStateMeanings[state];
  return [code(state), String(status), retryAfter === null ? '' : `${retryAfter} s`, state === 'running' ? 'Its address is being switched over' : meaning];
}

function isOfPreview(state: GateState): state is PreviewState {
  return (previewStates as readonly string[]).includes(state);
}
