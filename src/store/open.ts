import { sql } from 'drizzle-orm';
import type { Logger } from 'pino';
import type { Store } from '../reconcile/ports/store.ts';
import { makeBuilds } from './builds.ts';
import { makeComments, nextCommentDue } from './comments.ts';
import { makeDeliveries } from './deliveries.ts';
import { makeDeployments } from './deployments.ts';
import { openEmbedded } from './embedded.ts';
import { guarded, storeError } from './errors.ts';
import { makeFigures } from './figures.ts';
import { forgetFuture } from './future.ts';
import type { Handle } from './handle.ts';
import { makeLeases } from './leases.ts';
import { makeLogLines } from './log-lines.ts';
import { openPostgres } from './postgres.ts';
import { makePreviews } from './previews.ts';
import { makeProjects } from './projects.ts';
import { makeRoom } from './room.ts';
import { makeHub, makeSignals } from './signals.ts';
import { makeStatuses, nextStatusDue } from './statuses.ts';

/**
 * Opens the store and brings its tables up to date: on Postgres when there is a `databaseUrl`, else embedded in `dataDir/db`, and then
 * only for a caller who holds the lock of `dataDir` (`lockDataDir`). Every method throws `KosukeError` of code `store`.
 */
export async function openStore(options: { dataDir: string; databaseUrl?: string; log: Logger }): Promise<Store> {
  const { dataDir, databaseUrl, log } = options;
  const hub = makeHub(log);
  try {
    const handle = databaseUrl === undefined ? await openEmbedded(dataDir, hub.hear, log) : await openPostgres(databaseUrl, hub.hear, log);
    return storeOn(handle, hub);
  } catch (error) {
    if (databaseUrl !== undefined) throw storeError(error, 'opening', 'Check DATABASE_URL, and that its server runs and lets this user in.');
    throw storeError(error, `opening ${dataDir}/db`, 'Check that this user may write to DATA_DIR and that its disk has room.');
  }
}

/** The store over an open handle whose notifications go to the hub. */
export function storeOn(handle: Handle, hub: ReturnType<typeof makeHub>): Store {
  const { db } = handle;
  let closed: Promise<void> | undefined;
  const ends = guarded('store', {
    ping: async () => void (await db.execute(sql`select 1`)),
    close: () => (closed ??= handle.close()),
  });
  return {
    ...ends,
    deliveries: guarded('deliveries', makeDeliveries(db)),
    projects: guarded('projects', makeProjects(handle)),
    previews: guarded('previews', { ...makePreviews(db), ...makeLeases(db), ...makeRoom(handle) }),
    deployments: guarded('deployments', { ...makeDeployments(handle), ...makeBuilds(handle), ...makeLogLines(db) }),
    reports: guarded('reports', {
      ...makeComments(db),
      ...makeStatuses(db),
      nextCommentDue: () => nextCommentDue(db),
      nextStatusDue: () => nextStatusDue(db),
      forgetFuture: (now) => forgetFuture(db, now),
    }),
    figures: guarded('figures', makeFigures(db)),
    signals: makeSignals(db, hub.on),
  };
}
