import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { chromium, type Browser } from 'playwright-core';

/** The machine's Chromium, headless, in a fresh profile, talking to nobody by itself. */
export async function startBrowser(): Promise<Browser> {
  const { stdout } = await promisify(execFile)('which', ['chromium']);
  return chromium.launch({
    executablePath: stdout.trim(),
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
}
