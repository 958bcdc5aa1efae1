#!/usr/bin/env node
import { makeReady } from './setup.mjs';
import { runMain } from './run-main.mjs';

await makeReady({ forTests: false });
runMain(['demo', ...process.argv.slice(2)]);
