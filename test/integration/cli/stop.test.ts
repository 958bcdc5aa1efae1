import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { eventually } from '../../support/eventually.ts';
import { serveAlone } from './serve-alone.ts';

describe('serve, while engine, Traefik and GitHub are all away', () => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    test(`lives, says what is missing, and ends with 0 within 10 s of ${signal}`, async (context) => {
      const { child, ended, at, said } = await serveAlone(context);
      await eventually('it lives', async () => (await fetch(at('/healthz'))).status === 200, { within: 30_000 });
      const ready = await fetch(at('/readyz'));
      assert.equal(ready.status, 503);
      const parts = (await ready.json()) as Record<string, { ok: boolean }>;
      assert.deepEqual(
        ['database', 'engine', 'github', 'edge'].map((part) => [part, parts[part]?.ok]),
        [
          ['database', true],
          ['engine', false],
          ['github', false],
          ['edge', false],
        ],
      );
      const asked = performance.now();
      child.kill(signal);
      assert.deepEqual(await ended, [0, null], said());
      assert.ok(performance.now() - asked < 10_000);
      assert.match(said(), /"msg":"stopped"\}\n$/);
    });
  }
});
