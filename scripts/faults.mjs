#!/usr/bin/env node
import { join } from 'node:path';
import { makeReady } from './setup.mjs';
import { root } from './setup/paths.mjs';
import { runPinned } from './run-main.mjs';

await makeReady({ forTests: true });
runPinned(join(root, 'test', 'faults', 'main.ts'), process.argv.slice(2));
