import { fileURLToPath } from 'node:url';

/** A call of the program to something outside: where in `src/` it stands, and what it asks for, without what differs from call to call. */
export type Call = { site: string; does: string };

/** One text for a call: `src/docker/create.ts:57 (POST /containers/create)`. The same line asking for the same thing is the same call. */
export function nameOf({ site, does }: Call): string {
  return `${site} (${does})`;
}

/** The line of `src/` that the calling code stands in; `null` when nothing of ours is on the stack. Wrappers that every call goes through are passed over. */
export function siteOf(error: Error): string | null {
  const frames = (error.stack ?? '').split('\n').flatMap((line) => /(src\/[\w./-]+\.ts):(\d+):\d+/.exec(line.replaceAll(root, ''))?.slice(1, 3).join(':') ?? []);
  return frames.find((frame) => !wrappers.test(frame)) ?? frames[0] ?? null;
}

const root = fileURLToPath(new URL('../../../../', import.meta.url));
const wrappers = /^src\/(?:docker\/call|docker\/get|github\/(?:ask|fetch|probot|tokens)|git\/run|store\/(?:handle|open|postgres|embedded))\.ts:/;

/** A path of the engine or of GitHub's REST without ids, names and queries, by which the same question is known again. */
export function shapeOf(method: string, path: string): string {
  const [plain = ''] = path.split('?');
  const parts = plain.replace(/^\/v1\.\d+/, '').replace(/^\/repos\/[^/]+\/[^/]+/, '/repos/*').split('/').filter((part) => part !== '');
  return `${method} /${parts.map((part, at) => (words.test(part) && (at === 0 || !owned.has(parts[at - 1]!) || endings.has(part)) ? part : '*')).join('/')}`;
}

const words = /^[a-z_-]+$/;
/** What follows one of these is a name or an id, unless it is a verb. */
const owned: ReadonlySet<string> = new Set(['containers', 'networks', 'images', 'repos', 'users', 'git', 'heads', 'ref']);
const endings: ReadonlySet<string> = new Set(['json', 'create', 'load', 'ref', 'refs']);
