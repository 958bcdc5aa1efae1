import { isHandled } from './events.ts';

/** One attempt of GitHub's to deliver a webhook, as its list shows it. A redelivery is another attempt with the same GUID. */
export type Attempt = { id: number; guid: string; event: string; action: string | null; deliveredAt: Date };

/** What is asked of the ledger of webhooks. */
export type Ledger = {
  known(guids: readonly string[]): Promise<ReadonlySet<string>>;
  /** When the first webhook of all came: what was sent before is not ours to make up for. */
  since: Date;
};

/**
 * The webhooks that have handlers and that the ledger lacks, in the order in which they were first sent, from pages of attempts, newest
 * first. It is read back until a page shows what was seen before and lacks nothing: one that came meanwhile, or a gap in what came, does
 * not end it. Of several attempts the newest is named, for GitHub keeps it longest.
 */
export async function findMissed(pages: AsyncIterable<readonly Attempt[]>, ledger: Ledger): Promise<Attempt[]> {
  // The list gives whole seconds.
  const since = Math.floor(ledger.since.getTime() / 1000) * 1000;
  const missed = new Map<string, Attempt>();
  for await (const page of pages) {
    const ours = page.filter(({ deliveredAt }) => deliveredAt.getTime() >= since);
    const known = await ledger.known(ours.map(({ guid }) => guid));
    const lacking = ours.filter(({ guid, event, action }) => !known.has(guid) && isHandled(event, { action }));
    for (const attempt of lacking) missed.set(attempt.guid, { ...attempt, id: missed.get(attempt.guid)?.id ?? attempt.id });
    const seen = known.size > 0 && lacking.length === 0;
    const before = page.length > 0 && ours.length === 0;
    if (seen || before) break;
  }
  return [...missed.values()].toSorted((a, b) => a.deliveredAt.getTime() - b.deliveredAt.getTime() || a.id - b.id);
}
