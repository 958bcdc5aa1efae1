import { readFileSync, watch } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { World } from './world.ts';

/** Resolves when, from now on, the program logs this about the preview (of any preview, without a host). */
export function nextLine(world: World, msg: string, host?: string): Promise<void> {
  return new Promise((resolve) => {
    const off = world.program.onLine((line) => {
      if (line.msg !== msg || (host !== undefined && line['host'] !== host)) return;
      off();
      resolve();
    });
  });
}

/** Resolves when, from now on, a hold is written (`there`), or the first one that was there goes. */
export function nextHold(world: World, change: 'written' | 'gone'): Promise<void> {
  const there = new Set<string>();
  return new Promise((resolve) => {
    const watcher = watch(world.program.env['TRAEFIK_DYNAMIC_DIR']!, (_, name) => {
      if (name === null || !holdPattern.test(name)) return;
      const gone = there.has(name);
      there.add(name);
      if (change === 'gone' && !gone) return;
      watcher.close();
      resolve();
    });
  });
}

/** Keeps the text of every hold that is written from now on, until the test ends. */
export function recordHolds(test: Pick<TestContext, 'after'>, world: World): readonly string[] {
  const directory = world.program.env['TRAEFIK_DYNAMIC_DIR']!;
  const texts = new Set<string>();
  const recorded: string[] = [];
  const watcher = watch(directory, (_, name) => {
    if (name === null || !holdPattern.test(name)) return;
    try {
      const text = readFileSync(join(directory, name), 'utf8');
      if (!texts.has(text)) recorded.push(text);
      texts.add(text);
    } catch {
      // Gone again already.
    }
  });
  test.after(() => watcher.close());
  return recorded;
}

/** Resolves when, from now on, the engine says this of a container of the preview. */
export async function nextEvent(world: World, host: string, event: 'create' | 'start' | 'die'): Promise<void> {
  const stream = await world.docker.getEvents({ filters: { type: ['container'], event: [event] } });
  return new Promise((resolve, reject) => {
    let text = '';
    stream.on('error', reject);
    stream.on('data', (chunk: Buffer) => {
      text += chunk.toString('utf8');
      if (!text.includes(`kosuke-preview-${host}-`)) return;
      stream.removeAllListeners();
      (stream as typeof stream & { destroy(): void }).destroy();
      resolve();
    });
  });
}

const holdPattern = /^kosuke-hold-\d+\.yml$/;
