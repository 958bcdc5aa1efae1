import type { Case } from '../lab/runner.ts';
import { clock } from './clock.ts';
import { disorder } from './disorder.ts';
import { engineRestart } from './engine-restart.ts';
import { failingEngine, failingGithub } from './failing-calls.ts';
import { figures } from './figures.ts';
import { fullDisk } from './full-disk.ts';
import { githubMoods } from './github-moods.ts';
import { hostile } from './hostile.ts';
import { kills, killsOnPostgres } from './kills.ts';
import { lostStore } from './lost-store.ts';
import { lostWebhooks } from './lost-webhooks.ts';
import { manyPreviews } from './many-previews.ts';
import { manyPushes } from './many-pushes.ts';
import { neighbours } from './neighbours.ts';

/** Every case, with its number in docs/faults.md; the quick ones first. */
export const cases: readonly Case[] = [
  { name: 'lost-webhooks', number: 3, minutes: 3, run: lostWebhooks },
  { name: 'disorder', number: 4, minutes: 3, run: disorder },
  { name: 'github-moods', number: 6, minutes: 5, run: githubMoods },
  { name: 'neighbours', number: 7, minutes: 6, run: neighbours },
  { name: 'engine-restart', number: 7, minutes: 6, run: engineRestart },
  { name: 'lost-store', number: 8, minutes: 3, run: lostStore },
  { name: 'full-disk', number: 8, minutes: 4, run: fullDisk },
  { name: 'clock', number: 9, minutes: 3, run: clock },
  { name: 'hostile', number: 10, minutes: 5, run: hostile },
  { name: 'pushes', number: 5, minutes: 8, run: manyPushes },
  { name: 'failing-engine', number: 2, minutes: 12, run: failingEngine },
  { name: 'failing-github', number: 2, minutes: 6, run: failingGithub },
  { name: 'figures', number: 11, minutes: 4, run: figures },
  { name: 'many-previews', number: 11, minutes: 15, run: manyPreviews },
  { name: 'kills-on-postgres', number: 1, minutes: 8, run: killsOnPostgres },
  { name: 'kills', number: 1, minutes: 25, run: kills },
];
