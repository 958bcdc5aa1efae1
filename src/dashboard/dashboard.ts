import { Hono, type Context } from 'hono';
import type { Logger } from 'pino';
import type { Preview } from '../domain/preview.ts';
import { formOf } from '../pages/accept.ts';
import { createBuildLogs } from '../pages/build-log.ts';
import { pageHeaders } from '../pages/page.ts';
import type { Clock } from '../reconcile/ports/clock.ts';
import type { Store } from '../reconcile/ports/store.ts';
import { isReady, type Health } from './health.ts';
import { logPage } from './log-page.ts';
import { logText } from './log-text.ts';
import { landingPage, noLogPage, noPage, troublePage } from './simple-pages.ts';

export type DashboardOptions = {
  store: Pick<Store, 'deployments'>;
  /** Where a preview is reached now; `null`: nowhere. */
  previewUrl: (preview: Preview) => Promise<string | null>;
  /** Where this program is reached from outside, e.g. `https://kosuke.ai`. */
  publicUrl: string;
  /** What is known of the things that the program needs; quick, since what is slow was asked before. */
  health: () => Promise<Health>;
  clock: Pick<Clock, 'now'>;
  log: Logger;
};

/** The program's own pages, on every host that is not a preview's: `/`, `/logs/<token>`, `/healthz`, `/readyz`. */
export function createDashboard({ store, previewUrl, publicUrl, health, clock, log }: DashboardOptions): Hono {
  const app = new Hono();
  const readLog = createBuildLogs(store.deployments, { logs: 8, lines: 2000 });

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
    const token = context.req.param('token');
    const found = tokenPattern.test(token) ? await store.deployments.byLogToken(token) : null;
    if (found === null) return page(context, noLogPage(), 404);
    const { deployment, preview } = found;
    const plain = context.req.query('format') === 'text' || formOf(context.req.header('accept') ?? null) === 'text';
    if (plain) return context.body(logText(store.deployments, deployment.id, log), 200, { 'Content-Type': 'text/plain; charset=utf-8' });
    return page(context, logPage({ deployment, preview, log: await readLog(deployment.id), url: await previewUrl(preview), now: clock.now() }));
  });

  app.notFound((context) => page(context, noPage(), 404));

  app.onError(async (error, context) => {
    log.error({ err: error, path: context.req.routePath }, 'a page could not be made');
    return page(context, troublePage(), 500);
  });

  return app;
}

const tokenPattern = /^[A-Za-z0-9_-]{16,128}$/;

async function page(context: Context, html: Promise<string>, status: 200 | 404 | 500 = 200): Promise<Response> {
  return context.body(await html, status, { 'Content-Type': 'text/html; charset=utf-8' });
}
