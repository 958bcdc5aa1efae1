import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { pino } from 'pino';
import { phases } from '../../../src/domain/phases.ts';
import { previewStates } from '../../../src/domain/preview.ts';
import { definitions, mostInstallations, queues, sources, type Definition } from '../../../src/metrics/definitions.ts';
import { createInstruments } from '../../../src/metrics/instruments.ts';
import { createScrape } from '../../../src/metrics/scrape.ts';
import { deploymentOutcomes, drifts, engineVerbs, githubResults, passResults, sweepResults } from '../../../src/reconcile/ports/metrics.ts';
import type { Figures } from '../../../src/reconcile/ports/store.ts';
import { samplesOf, valueOf } from '../../support/metrics.ts';

const start = Date.UTC(2026, 10, 23, 12);

/** A scrape of a store that answers as told, at a time that is told. */
function scraped(figures: Partial<Figures> = {}, limits: { limitMs?: number; keepMs?: number } = {}) {
  const clock = { ms: 0, now: () => new Date(start + clock.ms) };
  const warnings: string[] = [];
  const log = pino({}, { write: (line: string) => void warnings.push(line) });
  const none = () => Promise.resolve({ count: 0, since: null });
  const store: Figures = {
    deliveriesWaiting: none,
    passesDue: none,
    buildsQueued: none,
    commentsWaiting: none,
    statusesWaiting: none,
    previewsByState: () => Promise.resolve(new Map()),
    setAside: () => Promise.resolve({ deliveries: 0, previews: 0, deployments: 0, reports: 0 }),
    ...figures,
  };
  const instruments = createInstruments();
  const scrape = createScrape({ instruments, figures: store, clock, log, ...limits });
  return { clock, warnings, metrics: instruments.metrics, scrape, text: async () => (await scrape()).text };
}

describe('a scrape', () => {
  test('has every metric with its help and type, before anything happened, and those of the process', async () => {
    const { scrape } = scraped();
    const { contentType, text } = await scrape();
    assert.match(contentType, /^text\/plain; version=0\.0\.4; charset=utf-8$/);
    for (const [name, { type, help }] of Object.entries(definitions)) {
      assert.ok(text.includes(`# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`), name);
    }
    for (const name of ['process_cpu_seconds_total', 'process_resident_memory_bytes', 'nodejs_eventloop_lag_seconds']) assert.ok(valueOf(text, name) !== undefined, name);
    assert.equal(valueOf(text, 'kosuke_deployments_total', { outcome: 'failed' }), 0, 'a counter begins at 0');
    assert.equal(valueOf(text, 'kosuke_sweep_kicks_total'), 0);
    assert.equal(valueOf(text, 'kosuke_deployment_phase_duration_seconds_count', { phase: 'built' }), 0);
  });

  test('names ours as Prometheus wants it: kosuke_, the unit, _total at the end of counters and of nothing else', () => {
    for (const [name, { type }] of Object.entries(definitions)) {
      assert.match(name, /^kosuke_[a-z_]+$/);
      assert.equal(name.endsWith('_total'), type === 'counter', name);
      if (type === 'histogram') assert.match(name, /_seconds$/);
    }
  });

  test('counts what is told, in seconds where it took time', async () => {
    const { metrics, text } = scraped();
    metrics.passEnded('done', 250);
    metrics.passEnded('failed', 750);
    metrics.passEnded('done', -60_000);
    metrics.deploymentEnded('live');
    metrics.wentLive({ claimed: 20, built: 4_000 }, 6_000);
    metrics.sweepEnded('clean', 1_500);
    metrics.sweepKicked();
    metrics.driftFound('head');
    metrics.engineFailed('startContainer');
    metrics.githubAsked('limited');
    metrics.githubAllows(77, 4_200, new Date(start + 60_000));
    metrics.githubAllows('app', 4_999, new Date(start + 60_000));
    const said = await text();
    const expected: [name: string, labels: Record<string, string>, value: number | undefined][] = [
      ['kosuke_passes_total', { result: 'done' }, 2],
      ['kosuke_passes_total', { result: 'failed' }, 1],
      ['kosuke_pass_duration_seconds_sum', {}, 1],
      ['kosuke_pass_duration_seconds_count', {}, 3],
      ['kosuke_deployments_total', { outcome: 'live' }, 1],
      ['kosuke_deployment_duration_seconds_sum', {}, 6],
      ['kosuke_deployment_phase_duration_seconds_sum', { phase: 'built' }, 4],
      ['kosuke_deployment_phase_duration_seconds_count', { phase: 'fetched' }, 0],
      ['kosuke_sweeps_total', { result: 'clean' }, 1],
      ['kosuke_sweep_duration_seconds_sum', {}, 1.5],
      ['kosuke_sweep_kicks_total', {}, 1],
      ['kosuke_sweep_drift_total', { kind: 'head' }, 1],
      ['kosuke_engine_errors_total', { verb: 'startContainer' }, 1],
      ['kosuke_github_requests_total', { result: 'limited' }, 1],
      ['kosuke_github_rate_limit_remaining', { installation: '77' }, 4_200],
      ['kosuke_github_rate_limit_remaining', { installation: 'app' }, 4_999],
    ];
    for (const [name, labels, value] of expected) assert.equal(valueOf(said, name, labels), value, `${name} ${JSON.stringify(labels)}`);
  });

  test('has no label but those of the definitions, and of each no value that is not listed there', async () => {
    const { metrics, text } = scraped({ previewsByState: () => Promise.resolve(new Map([['running', 2], ['a state of a later version' as 'running', 1]])) });
    for (const result of passResults) metrics.passEnded(result, 1);
    for (const outcome of deploymentOutcomes) metrics.deploymentEnded(outcome);
    metrics.wentLive(Object.fromEntries(phases.map((phase) => [phase, 1])), 1);
    for (const result of sweepResults) metrics.sweepEnded(result, 1);
    for (const drift of drifts) metrics.driftFound(drift);
    for (const verb of engineVerbs) metrics.engineFailed(verb);
    for (const result of githubResults) metrics.githubAsked(result);
    for (let id = 1; id <= 1_000; id += 1) metrics.githubAllows(id, 5_000 - id, new Date(start + 60_000));
    const ours = samplesOf(await text()).filter(({ name }) => name.startsWith('kosuke_'));
    for (const { name, labels } of ours) {
      const known = Object.entries<Definition>(definitions).find(([of]) => name.replace(/_(?:bucket|sum|count)$/, '') === of || name === of);
      assert.ok(known !== undefined, name);
      for (const [label, value] of Object.entries(labels).filter(([label]) => label !== 'le')) {
        const values = known[1].labels[label];
        assert.ok(values !== undefined, `${name} has the label ${label}`);
        assert.ok(typeof values === 'string' ? /^(?:\d+|app)$/.test(value) : values.includes(value), `${name}{${label}="${value}"}`);
      }
    }
    const installations = ours.filter(({ name }) => name === 'kosuke_github_rate_limit_remaining');
    assert.deepEqual(installations.map(({ labels }) => Number(labels['installation'])), Array.from({ length: mostInstallations }, (_, index) => 951 + index), 'those heard of last');
    assert.ok(ours.length < 400, `${ours.length} series`);
  });

  test('says how much waits and for how long, and previews by state, none as 0', async () => {
    const since = new Date(start - 90_000);
    const { clock, text } = scraped({
      buildsQueued: () => Promise.resolve({ count: 3, since }),
      previewsByState: () => Promise.resolve(new Map([['running', 5]])),
    });
    clock.ms = 500;
    const said = await text();
    assert.equal(valueOf(said, 'kosuke_queue_depth', { queue: 'builds' }), 3);
    assert.equal(valueOf(said, 'kosuke_queue_oldest_seconds', { queue: 'builds' }), 90.5);
    for (const queue of queues.filter((name) => name !== 'builds')) {
      assert.equal(valueOf(said, 'kosuke_queue_depth', { queue }), 0);
      assert.equal(valueOf(said, 'kosuke_queue_oldest_seconds', { queue }), 0);
    }
    for (const state of previewStates) assert.equal(valueOf(said, 'kosuke_previews', { state }), state === 'running' ? 5 : 0);
  });

  test('leaves out what cannot be read, counts that, logs it once, and has it again when it can', async () => {
    let broken = true;
    const { clock, warnings, text } = scraped({
      passesDue: () => (broken ? Promise.reject(new Error('the database is away')) : Promise.resolve({ count: 1, since: null })),
      previewsByState: () => (broken ? Promise.reject(new Error('the database is away')) : Promise.resolve(new Map())),
    });
    await text();
    clock.ms = 2_000;
    const without = await text();
    assert.equal(valueOf(without, 'kosuke_queue_depth', { queue: 'passes' }), undefined);
    assert.equal(valueOf(without, 'kosuke_queue_oldest_seconds', { queue: 'passes' }), undefined);
    assert.equal(valueOf(without, 'kosuke_previews', { state: 'running' }), undefined);
    assert.equal(valueOf(without, 'kosuke_queue_depth', { queue: 'deliveries' }), 0, 'the others are there');
    assert.deepEqual(sources.map((source) => valueOf(without, 'kosuke_scrape_errors_total', { source })), [0, 2, 0, 0, 0, 2, 0]);
    assert.equal(warnings.length, 2, 'one line for each source');
    assert.doesNotMatch(without, /database/);

    broken = false;
    clock.ms = 4_000;
    const again = await text();
    assert.equal(valueOf(again, 'kosuke_queue_depth', { queue: 'passes' }), 1);
    assert.equal(valueOf(again, 'kosuke_scrape_errors_total', { source: 'passes' }), 2);
    assert.equal(warnings.length, 2);
  });

  test('does not wait for what is late, and asks for it only once meanwhile', async () => {
    let asked = 0;
    const late = Promise.withResolvers<{ count: number; since: null }>();
    const { clock, text } = scraped({ statusesWaiting: () => ((asked += 1), late.promise) }, { limitMs: 30 });
    const began = performance.now();
    const both = await Promise.all([text(), text()]);
    assert.ok(performance.now() - began < 1_000);
    for (const said of both) assert.equal(valueOf(said, 'kosuke_queue_depth', { queue: 'statuses' }), undefined);
    clock.ms = 60_000;
    await text();
    assert.equal(asked, 1);

    late.resolve({ count: 4, since: null });
    await late.promise;
    assert.equal(valueOf(await text(), 'kosuke_queue_depth', { queue: 'statuses' }), 4, 'it was asked for long ago, and is asked for anew');
    assert.equal(asked, 2);
  });

  test('asks the store once a second, however often it is made', async () => {
    let asked = 0;
    const { clock, text } = scraped({ previewsByState: () => ((asked += 1), Promise.resolve(new Map())) });
    for (const ms of [0, 0, 1, 500, 999]) {
      clock.ms = ms;
      await text();
    }
    assert.equal(asked, 1);
    clock.ms = 1_000;
    await Promise.all([text(), text(), text()]);
    assert.equal(asked, 2);
  });

  test('forgets what GitHub allowed when that hour is over', async () => {
    const { clock, metrics, text } = scraped();
    metrics.githubAllows(7, 3, new Date(start + 10_000));
    const remaining = async () => valueOf(await text(), 'kosuke_github_rate_limit_remaining', { installation: '7' });
    assert.equal(await remaining(), 3);
    clock.ms = 10_000;
    assert.equal(await remaining(), undefined);
    metrics.githubAllows(7, 4_999, new Date(start + 3_610_000));
    assert.equal(await remaining(), 4_999);
  });
});
