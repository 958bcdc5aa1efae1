#!/usr/bin/env node
import { runMain } from './run-main.mjs';

runMain(process.argv.slice(2));
