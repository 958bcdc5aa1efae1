import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Attempt, findMissed } from '../../../src/github/missed.ts';

const second = (n: number) => new Date(Date.UTC(2026, 0, 1, 12, 0, n));

/** Attempts 1, 2, 3, … were made at 1 s, 2 s, 3 s, …; their GUIDs are `g1`, `g2`, `g3`, … unless `changes` say otherwise. */
function attempt(id: number, changes: Partial<Attempt> = {}): Attempt {
  return { id, guid: `g${id}`, event: 'push', action: null, deliveredAt: second(id), ...changes };
}

async function missed(pages: Attempt[][], { known, since = second(0) }: { known: string[]; since?: Date }) {
  let read = 0;
  const reading = async function* () {
    for (const page of pages) {
      read += 1;
      yield page;
    }
  };
  const ledger = { since, known: async (guids: readonly string[]) => new Set(guids.filter((guid) => known.includes(guid))) };
  const found = await findMissed(reading(), ledger);
  return { found: found.map(({ id, guid }) => [id, guid]), read };
}

describe('the webhooks that were missed', () => {
  it('are those that the ledger lacks, the one that was sent first comes first', async () => {
    const { found } = await missed([[attempt(5), attempt(4), attempt(3), attempt(2)]], { known: ['g2', 'g4'] });
    assert.deepEqual(found, [[3, 'g3'], [5, 'g5']]);
  });

  it('are looked for back to a page of which nothing is lacking', async () => {
    const pages = [[attempt(9), attempt(8)], [attempt(7), attempt(6)], [attempt(5), attempt(4)], [attempt(3), attempt(2)]];
    const { found, read } = await missed(pages, { known: ['g9', 'g7', 'g6', 'g3', 'g2'] });
    assert.deepEqual(found, [[8, 'g8']]);
    assert.equal(read, 2);
  });

  it('are found behind one that came while they were looked for', async () => {
    const { found } = await missed([[attempt(9)], [attempt(8)], [attempt(7)]], { known: ['g7'] });
    assert.deepEqual(found, [[8, 'g8'], [9, 'g9']]);
    const late = await missed([[attempt(9), attempt(8)], [attempt(7)]], { known: ['g9', 'g7'] });
    assert.deepEqual(late.found, [[8, 'g8']]);
  });

  it('are not hidden by a page of webhooks that nothing handles', async () => {
    const others = [attempt(6, { event: 'star', action: 'created' }), attempt(5, { event: 'pull_request', action: 'assigned' })];
    const { found, read } = await missed([others, [attempt(4)], [attempt(3)]], { known: ['g3'] });
    assert.deepEqual(found, [[4, 'g4']]);
    assert.equal(read, 3);
  });

  it('are fetched once however often they were sent, by their newest attempt, in the place of their first', async () => {
    const again = attempt(9, { guid: 'g2' });
    const { found } = await missed([[again, attempt(5)], [attempt(3), attempt(2)]], { known: [] });
    assert.deepEqual(found, [[9, 'g2'], [3, 'g3'], [5, 'g5']]);
  });

  it('are none that were sent before the first that ever came, to the second', async () => {
    const since = new Date(second(4).getTime() + 900);
    const { found, read } = await missed([[attempt(5), attempt(4), attempt(3)], [attempt(2)], [attempt(1)]], { known: [], since });
    assert.deepEqual(found, [[4, 'g4'], [5, 'g5']]);
    assert.equal(read, 2);
  });

  it('are none when there was none', async () => {
    assert.deepEqual(await missed([], { known: [] }), { found: [], read: 0 });
    assert.deepEqual(await missed([[]], { known: [] }), { found: [], read: 1 });
  });
});
