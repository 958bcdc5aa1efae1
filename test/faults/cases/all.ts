import type { Case } from '../lab/runner.ts';
import { disorder } from './disorder.ts';
import { kills } from './kills.ts';
import { lostWebhooks } from './lost-webhooks.ts';

/** Every case, with its number in docs/faults.md. */
export const cases: readonly Case[] = [
  { name: 'kills', number: 1, minutes: 20, run: kills },
  { name: 'lost-webhooks', number: 3, minutes: 3, run: lostWebhooks },
  { name: 'disorder', number: 4, minutes: 3, run: disorder },
];
