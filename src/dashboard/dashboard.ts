import { Hono, type Context } from 'hono';
import type { Logger } from 'pino';
import type { Preview } from '../domain/preview.ts';
import { formOf } from '../pages/accept.ts';
import { pageHeaders } from '../pages/page.ts';
import type { Clock } from '../reconcile/ports/clock.ts';
import type { Store } from '../reconcile/ports/store.ts';
import { isReady, type Health } from './health.ts';
import { logPage } from './log-page.ts';
import { logStream } from './log-stream.ts';
import { logText } from './log-text.ts';
import { createLogWatch, type WatchLimits } from './log-watch.ts';
import { landingPage, noLogPage, noPage, troublePage } from './simple-pages.ts';
import { positionOf } from './sse.ts';

export type DashboardOptions = {
  store: Pick<Store, 'deployments' | 'signals'>;
  /** Where a preview is reached now; `null`: nowhere. */
  previewUrl: (preview: Preview) => Promise<string | null>;
  /** Where this program is reached from outside, e.g. `https://kosuke.ai`. */
  publicUrl: string;
  /** What is known of the things that the program needs; quick, since what is slow was asked before. */
  health: () => Promise<Health>;
  clock: Clock;
  log: Logger;
  /** Ends every stream, so that a server that stops is not held up. */
  stop: AbortSignal;
  /** How many may watch logs at once. */
  watching?: WatchLimits;
};

/** The program's own pages, on every host that is not a preview's: `/`, `/logs/<token>` and its `/events`, `/healthz`, `/readyz`. */
export function createDashboard(options: DashboardOptions): Hono {
  const { store, previewUrl, publicUrl, health, clock, log, stop } = options;
  const app = new Hono();
  const watch = createLogWatch({ store, clock, log, limits: options.watching });

  app.use(async (context, next) => {
    await next();
    for (const [name, value] of Object.entries(pageHeaders)) context.header(name, value);
  });

  app.get('/', (context) => page(context, landingPage(new URL(publicUrl).host)));

  app.get('/healthz', (context) => context.json({ ok: true }));

  app.get('/readyz', async (context) => {
    const found = await health();
    const ok = isReady(found);
    return context.json({ ok, ...found }, ok ? 200 : 503);
  });

  app.get('/logs/:token', async (context) => {
    const found = await ofToken(store, context.req.param('token'));
    if (found === null) return page(context, noLogPage(), 404);
    const { deployment, preview } = found;
    const plain = context.req.query('format') === 'text' || formOf(context.req.header('accept') ?? null) === 'text';
    if (plain) return context.body(logText(store.deployments, deployment.id, log), 200, { 'Content-Type': 'text/plain; charset=utf-8' });
    const seen = await watch.look(deployment.id);
    return page(context, logPage({ ...seen, preview, url: await previewUrl(preview), now: clock.now() }));
  });

  app.get('/logs/:token/events', async (context) => {
    const found = await ofToken(store, context.req.param('token'));
    if (found === null) return page(context, noLogPage(), 404);
    const { deployment, preview } = found;
    const stream = logStream({
      preview,
      deploymentId: deployment.id,
      url: () => previewUrl(preview),
      from: positionOf(context.req.header('last-event-id'), context.req.query('from')),
      watch,
      clock,
      stop,
      onError: (error) => log.error({ err: error, deployment: deployment.id }, 'the events of a log broke off'),
    });
    return context.body(stream, 200, { 'Content-Type': 'text/event-stream; charset=utf-8', 'X-Accel-Buffering': 'no' });
  });

  app.notFound((context) => page(context, noPage(), 404));

  app.onError(async (error, context) => {
    log.error({ err: error, path: context.req.routePath }, 'a page could not be made');
    return page(context, troublePage(), 500);
  });

  return app;
}

async function ofToken(store: DashboardOptions['store'], token: string): ReturnType<Store['deployments']['byLogToken']> {
  return tokenPattern.test(token) ? store.deployments.byLogToken(token) : null;
}

const tokenPattern = /^[A-Za-z0-9_-]{16,128}$/;

async function page(context: Context, html: Promise<string>, status: 200 | 404 | 500 = 200): Promise<Response> {
  return context.body(await html, status, { 'Content-Type': 'text/html; charset=utf-8' });
}
