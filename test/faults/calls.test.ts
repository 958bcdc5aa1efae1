import { test } from 'node:test';
import { failingEngine } from './cases/failing-calls.ts';
import { githubMoods } from './cases/github-moods.ts';
import { strictRun } from './lab/case.ts';

test('when calls to the engine are refused or cut, the journey comes to its end all the same', (context) =>
  failingEngine(strictRun(1, (text) => context.diagnostic(text)), { every: 20, hangEvery: 400 }));

test('when GitHub answers with empty lists, nothing goes, and a token that ends in the middle of a fetch stops nothing', (context) =>
  githubMoods(strictRun(1, (text) => context.diagnostic(text)), { only: ['200 with empty lists'], seconds: 4 }));
