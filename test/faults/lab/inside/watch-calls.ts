import childProcess, { type ChildProcess } from 'node:child_process';
import files from 'node:fs/promises';
import { basename } from 'node:path';
import { createRequire, syncBuiltinESMExports } from 'node:module';
import { type Call, shapeOf, siteOf } from './sites.ts';

type Done = (call: Call) => void;
type AnyFunction = (this: unknown, ...args: unknown[]) => unknown;

/** Calls back right after each call of a line of `src/` to the file system (what changes it), the engine, GitHub or git is done. */
export function watchCalls(done: Done): void {
  watchFiles(done);
  watchEngine(done);
  watchGithub(done);
  watchGit(done);
  syncBuiltinESMExports();
}

function watchFiles(done: Done): void {
  const table = files as unknown as Record<string, AnyFunction>;
  for (const verb of ['writeFile', 'rename', 'rm', 'unlink', 'link', 'mkdir', 'chmod', 'open']) {
    const original = table[verb]!;
    table[verb] = function watched(...args) {
      const site = siteOf(new Error('here'));
      const result = original.apply(this, args) as Promise<unknown>;
      const writes = verb !== 'open' || /[wa+]/.test(String(args[1] ?? 'r'));
      if (site === null || !writes) return result;
      return told(result, () => done({ site, does: `${verb} ${fileShape(String(args[verb === 'rename' || verb === 'link' ? 1 : 0]))}` }));
    };
  }
}

/** The same result, once that was told; a failure is nobody's concern here. */
async function told(result: Promise<unknown>, tell: () => void): Promise<unknown> {
  const value = await result;
  tell();
  return value;
}

/** A file's name without numbers and random parts. */
function fileShape(path: string): string {
  return basename(path).replaceAll(/[0-9a-f]{8,}|\d+/g, 'N');
}

/** dockerode asks through its modem, which opens the connection later, where no line of ours is on the stack any more. */
function watchEngine(done: Done): void {
  const require = createRequire(import.meta.resolve('dockerode'));
  const modem = (require('docker-modem') as { prototype: Record<string, AnyFunction> }).prototype;
  const original = modem['dial']!;
  modem['dial'] = function dial(...args) {
    const site = siteOf(new Error('here'));
    const [{ method = 'GET', path = '' }, answered] = args as [{ method?: string; path?: string }, AnyFunction];
    if (site === null) return original.apply(this, args);
    const told: AnyFunction = function told(...answer) {
      done({ site, does: shapeOf(method, path) });
      return answered.apply(this, answer);
    };
    return original.call(this, args[0], told);
  };
}

function watchGithub(done: Done): void {
  const original = globalThis.fetch;
  globalThis.fetch = async (input, init) => {
    const site = siteOf(new Error('here'));
    const answer = await original(input, init);
    const { pathname } = new URL(String(input));
    if (site !== null) done({ site, does: shapeOf(init?.method ?? 'GET', pathname.replace(/^\/api\/v3/, '')) });
    return answer;
  };
}

function watchGit(done: Done): void {
  const table = childProcess as unknown as Record<string, AnyFunction>;
  const original = table['spawn']!;
  table['spawn'] = function spawn(...args) {
    const site = siteOf(new Error('here'));
    const child = original.apply(this, args) as ChildProcess;
    const [command, words] = args;
    if (site !== null && command === 'git' && Array.isArray(words)) {
      const verb = words.map(String).find((word, at) => /^[a-z-]+$/.test(word) && !word.startsWith('-') && !String(words[at - 1] ?? '').startsWith('-'));
      child.once('exit', () => done({ site, does: `git ${verb ?? ''}`.trim() }));
    }
    return child;
  };
}
