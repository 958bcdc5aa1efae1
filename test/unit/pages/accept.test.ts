import assert from 'node:assert/strict';
import { it } from 'node:test';
import { formOf } from '../../../src/pages/accept.ts';

it('a browser gets a page, a program JSON, a terminal text', () => {
  const cases: [string | null, string][] = [
    ['text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8', 'html'],
    ['application/json', 'json'],
    ['application/json, text/plain, */*', 'json'],
    ['text/html;q=0.5, application/json', 'json'],
    ['APPLICATION/JSON; q=0.9', 'json'],
    ['text/html;q=0', 'text'],
    ['text/plain', 'text'],
    ['*/*', 'text'],
    ['nonsense;;;,,;q=', 'text'],
    ['', 'text'],
    [null, 'text'],
  ];
  for (const [accept, form] of cases) assert.equal(formOf(accept), form, String(accept));
});
