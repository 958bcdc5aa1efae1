import { test } from 'node:test';
import { kills } from './cases/kills.ts';
import { strictRun } from './lab/case.ts';

test('killed right after calls to the database, the engine, git and GitHub in each phase, and at random moments, it converges within 60 s with no orphan', (context) =>
  kills(strictRun(Number(process.env['KOSUKE_FAULTS_SEED'] ?? 1), (text) => context.diagnostic(text)), { perPhase: 2, moments: 4 }));
