import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ContractBroken } from '../../../src/demo/github/index.ts';
import { takeDown } from '../../../src/demo/take-down.ts';

const broken = new ContractBroken([{ exchange: 'GET /app', where: 'query /x', expected: 'no such field', times: 1 }]);

describe('the end of a demo', () => {
  const table: [what: string, problem: unknown, well: boolean, said: RegExp[]][] = [
    ['says that all was removed', null, true, [/^\nRemoved everything that this demo made/]],
    ['tells what was not as GitHub describes it, and does not end well', broken, false, [/✗ What was said .*:\n {2}GET \/app: query \/x: expected no such field/, /Removed everything/]],
    ['tells what is left, and does not end well', new Error('a network is in use'), false, [/✗ Not everything/, /a network is in use/]],
    ['tells both', new AggregateError([broken, new Error('a network is in use')]), false, [/GET \/app/, /✗ Not everything/, /a network is in use/]],
  ];
  for (const [what, problem, well, said] of table) {
    test(what, async () => {
      const lines: string[] = [];
      const close = () => (problem === null ? Promise.resolve() : Promise.reject(problem));
      assert.equal(await takeDown({ line: (text) => void lines.push(text) }, { close }), well);
      assert.equal(lines.length, said.length, lines.join('\n'));
      for (const [at, expected] of said.entries()) assert.match(lines[at]!, expected);
    });
  }
});
