import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Metrics } from '../reconcile/ports/metrics.ts';
import { createBudgets, type Budgets } from './budgets.ts';
import { definitions, type Definition, type MetricName } from './definitions.ts';

export type Instruments = {
  registry: Registry;
  /** For who says what happened. */
  metrics: Metrics;
  /** What is only known when it is asked for; `scrape.ts` sets them. */
  gauges: { depth: Gauge; oldest: Gauge; previews: Gauge; setAside: Gauge; remaining: Gauge };
  budgets: Budgets;
  scrapeErrors: Counter;
};

/** Every metric of the definitions, in a registry of its own. Counters and histograms begin at 0 with each value of their label. */
export function createInstruments(): Instruments {
  const registry = new Registry();
  const counter = (name: NamesOf<'counter'>) => startAtZero(new Counter(configOf(name, registry)), name, (of, labels) => of.inc(labels, 0));
  const histogram = (name: NamesOf<'histogram'>) => startAtZero(new Histogram(configOf(name, registry)), name, (of, labels) => of.zero(labels));
  const gauge = (name: NamesOf<'gauge'>) => new Gauge(configOf(name, registry));

  const gauges = {
    depth: gauge('kosuke_queue_depth'),
    oldest: gauge('kosuke_queue_oldest_seconds'),
    previews: gauge('kosuke_previews'),
    setAside: gauge('kosuke_set_aside'),
    remaining: gauge('kosuke_github_rate_limit_remaining'),
  };
  const deployments = counter('kosuke_deployments_total');
  const deploymentSeconds = histogram('kosuke_deployment_duration_seconds');
  const phaseSeconds = histogram('kosuke_deployment_phase_duration_seconds');
  const passes = counter('kosuke_passes_total');
  const passSeconds = histogram('kosuke_pass_duration_seconds');
  const sweeps = counter('kosuke_sweeps_total');
  const sweepSeconds = histogram('kosuke_sweep_duration_seconds');
  const kicks = counter('kosuke_sweep_kicks_total');
  const asked = counter('kosuke_sweep_github_requests_total');
  const drift = counter('kosuke_sweep_drift_total');
  const requests = counter('kosuke_github_requests_total');
  const engineErrors = counter('kosuke_engine_errors_total');
  const scrapeErrors = counter('kosuke_scrape_errors_total');
  const budgets = createBudgets();

  const metrics: Metrics = {
    passEnded(result, ms) {
      passes.inc({ result });
      passSeconds.observe(secondsOf(ms));
    },
    deploymentEnded: (outcome) => deployments.inc({ outcome }),
    wentLive(durations, wholeMs) {
      deploymentSeconds.observe(secondsOf(wholeMs));
      for (const [phase, ms] of Object.entries(durations)) phaseSeconds.observe({ phase }, secondsOf(ms));
    },
    sweepEnded(result, ms) {
      sweeps.inc({ result });
      sweepSeconds.observe(secondsOf(ms));
    },
    sweepKicked: () => kicks.inc(),
    sweepAsked(all, free) {
      asked.inc({ cost: 'counted' }, all - free);
      asked.inc({ cost: 'free' }, free);
    },
    driftFound: (kind) => drift.inc({ kind }),
    engineFailed: (verb) => engineErrors.inc({ verb }),
    githubAsked: (result) => requests.inc({ result }),
    githubAllows: (asker, remaining, resetAt) => budgets.note(String(asker), { remaining, resetAt }),
  };
  return { registry, metrics, gauges, budgets, scrapeErrors };
}

/** A clock that was set back makes no sum smaller. */
function secondsOf(ms: number): number {
  return Math.max(0, ms) / 1000;
}

type NamesOf<Type> = { [Name in MetricName]: (typeof definitions)[Name]['type'] extends Type ? Name : never }[MetricName];

function configOf(name: MetricName, registry: Registry) {
  const { help, labels, buckets }: Definition = definitions[name];
  return { name, help, labelNames: Object.keys(labels), registers: [registry], ...(buckets && { buckets: [...buckets] }) };
}

/** So that a series is there before anything happens, and its first increase is seen as one. */
function startAtZero<T>(instrument: T, name: MetricName, zero: (of: T, labels: Record<string, string>) => void): T {
  const { labels }: Definition = definitions[name];
  for (const [label, values] of Object.entries(labels)) {
    if (typeof values !== 'string') for (const value of values) zero(instrument, { [label]: value });
  }
  return instrument;
}
