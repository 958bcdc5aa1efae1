import { test } from 'node:test';
import { disorder } from './cases/disorder.ts';
import { lostWebhooks } from './cases/lost-webhooks.ts';
import { strictRun } from './lab/case.ts';

test('with a third of the webhooks lost, and the program down during an opening, a push and a closing, everything is found', (context) =>
  lostWebhooks(strictRun(1, (text) => context.diagnostic(text)), { previews: 4 }));

test('webhooks in any order and fifty times at once come to what is true at GitHub', (context) =>
  disorder(strictRun(1, (text) => context.diagnostic(text)), { orders: 3 }));
