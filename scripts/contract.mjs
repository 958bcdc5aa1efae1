#!/usr/bin/env node
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { contractFolder, cuts } from './contract/cuts.mjs';
import { root } from './setup/paths.mjs';

for (const [name, text] of Object.entries(cuts())) {
  writeFileSync(join(root, contractFolder, name), text);
  console.log(`${contractFolder}/${name}: ${Math.round(text.length / 1024)} KiB from ${JSON.parse(text).cutFrom}`);
}
