import { phases } from '../domain/phases.ts';
import { previewStates } from '../domain/preview.ts';
import { asides } from '../reconcile/ports/store.ts';
import { deploymentOutcomes, drifts, engineVerbs, githubResults, passResults, sweepResults } from '../reconcile/ports/metrics.ts';

/** `labels`: of each, every value that it can have, or in words what it is where these are not known beforehand. */
export type Definition = {
  type: 'counter' | 'gauge' | 'histogram';
  help: string;
  labels: Readonly<Record<string, readonly string[] | string>>;
  /** Upper ends, in the unit of the name. */
  buckets?: readonly number[];
};

/** What waits for a worker. */
export const queues = ['deliveries', 'passes', 'builds', 'comments', 'statuses'] as const;
export type Queue = (typeof queues)[number];

/** What is asked when metrics are read. */
export const sources = [...queues, 'previews', 'set_aside'] as const;
export type Source = (typeof sources)[number];

/** More installations than this are not told apart at a time. */
export const mostInstallations = 50;

const shortSeconds = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 60];
const longSeconds = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 900];

/** Every metric of ours. No label is ever a name, a branch, a host, a commit or another text from outside. */
export const definitions = {
  kosuke_queue_depth: {
    type: 'gauge',
    help: 'How much waits: webhooks that are not handled yet, previews that are due, deployments that wait for a builder, comments and statuses that GitHub was not told yet.',
    labels: { queue: queues },
  },
  kosuke_queue_oldest_seconds: {
    type: 'gauge',
    help: 'For how long the oldest of what waits has been waiting; 0 when nothing waits.',
    labels: { queue: queues },
  },
  kosuke_previews: { type: 'gauge', help: 'Previews by state.', labels: { state: previewStates } },
  kosuke_set_aside: {
    type: 'gauge',
    help: 'What failed each time and was set aside: webhooks (the sweep makes up for them), previews whose passes fail, versions that do not come up by an error of ours, and reports that GitHub did not take eight times. Previews and versions are tried once an hour, reports once a minute.',
    labels: { what: asides },
  },
  kosuke_deployments_total: {
    type: 'counter',
    help: "Deployments by what came of them: live for the first time, failed by the repository's doing, an error of ours (each attempt counts), or cancelled before they were live.",
    labels: { outcome: deploymentOutcomes },
  },
  kosuke_deployment_duration_seconds: {
    type: 'histogram',
    help: 'From the row of a deployment to its first being live.',
    labels: {},
    buckets: longSeconds,
  },
  kosuke_deployment_phase_duration_seconds: {
    type: 'histogram',
    help: 'How long each phase of a deployment that went live took; a phase is named by what ends it. What was passed over is not counted.',
    labels: { phase: phases },
    buckets: longSeconds,
  },
  kosuke_passes_total: {
    type: 'counter',
    help: 'Passes by result: done, failed and tried again, lost to another worker, or stopped with the program.',
    labels: { result: passResults },
  },
  kosuke_pass_duration_seconds: { type: 'histogram', help: 'How long passes took, whatever their result.', labels: {}, buckets: shortSeconds },
  kosuke_sweeps_total: {
    type: 'counter',
    help: 'Sweeps by result: clean, with problems (some of it could not be looked at), or broken off.',
    labels: { result: sweepResults },
  },
  kosuke_sweep_duration_seconds: { type: 'histogram', help: 'How long sweeps took, whatever their result.', labels: {}, buckets: longSeconds },
  kosuke_sweep_kicks_total: { type: 'counter', help: 'Kicks of previews by the sweep, so that they look at GitHub again; most find nothing new.', labels: {} },
  kosuke_sweep_github_requests_total: {
    type: 'counter',
    help: 'Requests that sweeps made to GitHub: counted against its limit, or free (nothing had changed). Those of the passes that they kick are not among them.',
    labels: { cost: ['counted', 'free'] },
  },
  kosuke_sweep_drift_total: {
    type: 'counter',
    help: 'What the sweep found otherwise than it should be: a branch or pull request without a row, a head that is not the wanted one, or a container, network, hold or image without a row.',
    labels: { kind: drifts },
  },
  kosuke_github_requests_total: {
    type: 'counter',
    help: 'Requests to GitHub by result: the class of the status, unchanged (304, which GitHub does not count), limited (GitHub wants quiet), timeout, connection, unreadable, aborted (the program gave up), or held_back (not sent, to keep to the limits).',
    labels: { result: githubResults },
  },
  kosuke_github_rate_limit_remaining: {
    type: 'gauge',
    help: 'Requests that GitHub still allows in the hour, as it last said; left out once that hour is over.',
    labels: { installation: `id of an installation, or \`app\`; the ${mostInstallations} that were asked for last` },
  },
  kosuke_engine_errors_total: {
    type: 'counter',
    help: 'Requests to the Docker Engine that failed, by what was asked of it. What fails by the doing of an image is not counted.',
    labels: { verb: engineVerbs },
  },
  kosuke_scrape_errors_total: {
    type: 'counter',
    help: 'Figures that could not be read in time for a scrape and were left out of it.',
    labels: { source: sources },
  },
} as const satisfies Record<string, Definition>;

export type MetricName = keyof typeof definitions;
