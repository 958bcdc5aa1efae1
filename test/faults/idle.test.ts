import { test } from 'node:test';
import { manyPreviews } from './cases/many-previews.ts';
import { strictRun } from './lab/case.ts';

test('a sweep that finds nothing new writes nothing, at GitHub, to the engine and at the edge, and a new start touches nothing that runs', (context) =>
  manyPreviews(strictRun(1, (text) => context.diagnostic(text)), { repositories: 2, each: 3 }));
