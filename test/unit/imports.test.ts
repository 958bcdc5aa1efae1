import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

/**
 * What may import what (CONTRIBUTING.md, DESIGN §4): main → serve, demo → adapters → reconcile → domain. An adapter never imports
 * another; `pages/` is a leaf that gate and dashboard share; `cli/` stands beside serve; `lib/` knows nothing of ours.
 */
const mayImport: Record<string, readonly string[]> = {
  lib: [],
  domain: [],
  reconcile: ['domain', 'lib'],
  github: ['reconcile', 'domain', 'lib'],
  git: ['reconcile', 'domain', 'lib'],
  build: ['reconcile', 'domain', 'lib'],
  docker: ['reconcile', 'domain', 'lib'],
  edge: ['reconcile', 'domain', 'lib'],
  store: ['reconcile', 'domain', 'lib'],
  metrics: ['reconcile', 'domain', 'lib'],
  pages: ['reconcile', 'domain', 'lib'],
  gate: ['pages', 'reconcile', 'domain', 'lib'],
  dashboard: ['pages', 'reconcile', 'domain', 'lib'],
  settings: ['domain'],
  cli: ['settings', 'domain'],
  serve: ['cli', 'settings', 'github', 'git', 'build', 'docker', 'edge', 'gate', 'dashboard', 'store', 'metrics', 'reconcile', 'domain'],
  demo: ['serve', 'cli', 'settings', 'github', 'git', 'build', 'docker', 'edge', 'store', 'reconcile', 'domain'],
  docs: ['cli', 'settings', 'gate', 'metrics', 'domain'],
  main: ['serve', 'demo', 'cli', 'settings', 'package.json'],
};

/** Packages that stay in their folders. */
const packageHomes: readonly { packages: RegExp; homes: readonly string[] }[] = [
  { packages: /^(?:octokit|probot|@octokit\/.+)$/, homes: ['github'] },
  { packages: /^dockerode$/, homes: ['docker', 'build', 'demo', 'serve'] },
  { packages: /^(?:drizzle-orm|pg|@electric-sql\/.+)(?:\/.*)?$/, homes: ['store'] },
  { packages: /^prom-client$/, homes: ['metrics'] },
];

const labelKey = /\b(?:traefik\.(?:enable|docker|http|tcp|udp)\b|kosuke\.(?:edge|instance|v|kind|project|preview|deployment|commit)\b(?!\.))/;
const impure = /\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\bperformance\.|\bprocess\.|\bconsole\.|\bset(?:Timeout|Interval|Immediate)\b|\bfetch\(|\brandomBytes\b|\brandomUUID\b/;

test('imports go one way, and each thing from outside stays in its folder', () => {
  const files = sources();
  assert.ok(files.size > 50);
  assert.deepEqual(violations(files), []);
});

test('the check finds each kind of violation', () => {
  const planted: [path: string, text: string, found: RegExp][] = [
    ['src/domain/x.ts', "import { a } from '../reconcile/x.ts';", /domain imports reconcile/],
    ['src/domain/x.ts', "import { readFile } from 'node:fs/promises';", /domain imports node:fs\/promises/],
    ['src/domain/x.ts', "import { z } from 'zod';", /domain imports zod/],
    ['src/domain/x.ts', 'const now = Date.now();', /domain is pure: Date\.now/],
    ['src/reconcile/x.ts', "import type { a } from '../store/x.ts';", /reconcile imports store/],
    ['src/git/x.ts', "export { a } from '../docker/x.ts';", /git imports docker/],
    ['src/gate/x.ts', "import '../dashboard/x.ts';", /gate imports dashboard/],
    ['src/edge/x.ts', "import { page } from '../pages/x.ts';", /edge imports pages/],
    ['src/cli/x.ts', "const serve = await import('../serve.ts');", /cli imports serve/],
    ['src/store/x.ts', "import { readSettings } from '../settings.ts';", /store imports settings/],
    ['src/serve/x.ts', "import { demo } from '../demo/demo.ts';", /serve imports demo/],
    ['src/demo/github/deep/x.ts', "import { a } from '../../../main.ts';", /demo imports main/],
    ['src/reconcile/x.ts', "import {\n  a,\n  b,\n} from '@octokit/rest';", /reconcile imports @octokit\/rest/],
    ['src/serve/x.ts', "import { Probot } from 'probot';", /serve imports probot/],
    ['src/reconcile/x.ts', "import Docker from 'dockerode';", /reconcile imports dockerode/],
    ['src/serve/x.ts', "import { Registry } from 'prom-client';", /serve imports prom-client/],
    ['src/serve.ts', "import { drizzle } from 'drizzle-orm/pglite';", /serve imports drizzle-orm\/pglite/],
    ['src/git/x.ts', "const path = process.env['PATH'];", /process\.env stands outside settings\.ts/],
    ['src/git/x.ts', "import { env } from 'node:process';", /process\.env stands outside settings\.ts/],
    ['src/docker/x.ts', "const key = 'kosuke.instance';", /a label key stands outside domain\/labels\.ts/],
    ['src/edge/x.ts', 'const key = `traefik.http.routers.${name}.rule`;', /a label key stands outside domain\/labels\.ts/],
    ['src/new-folder/x.ts', '', /new-folder is no folder of the design/],
  ];
  for (const [path, text, found] of planted) {
    const list = violations(new Map([[path, text]]));
    assert.equal(list.length, 1, `${path}: ${text}: ${list.join('; ')}`);
    assert.match(list[0]!, found);
  }
});

test('the check lets pass what is right', () => {
  const right: [path: string, text: string][] = [
    ['src/domain/x.ts', "import { createHash } from 'node:crypto';\nimport { a } from './y.ts';"],
    ['src/domain/comment/x.ts', "import { a } from '../errors.ts';\n// Date.now() is for others, and kosuke.instance, too"],
    ['src/settings.ts', 'const env = process.env;'],
    ['src/domain/labels.ts', "const key = 'kosuke.instance';"],
    ['src/edge/x.ts', "const text = 'project-1-a.kosuke.ai'; /* kosuke.edge */ const file = 'kosuke.sock'; const yml = 'traefik.yml';"],
    ['src/serve.ts', "import { a } from './serve/x.ts';\nimport { b } from './github/app.ts';"],
  ];
  for (const [path, text] of right) assert.deepEqual(violations(new Map([[path, text]])), [], path);
});

function sources(): Map<string, string> {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  return new Map(globSync('src/**/*.ts', { cwd: root }).map((path) => [path, readFileSync(join(root, path), 'utf8')]));
}

/** One line for each thing that is where it must not be. */
function violations(files: ReadonlyMap<string, string>): string[] {
  return [...files].flatMap(([path, text]) => {
    const layer = layerOf(path);
    if (!(layer in mayImport)) return [`${path}: ${layer} is no folder of the design`];
    const code = withoutComments(text);
    return [...imports(code).flatMap((name) => importViolation(path, layer, name)), ...textViolations(path, layer, code)].map((found) => `${path}: ${found}`);
  });
}

/** `src/serve.ts` and `src/serve/…` are one layer; so are settings. */
function layerOf(path: string): string {
  return path.split('/')[1]?.replace(/\.ts$/, '') ?? '';
}

function importViolation(path: string, layer: string, name: string): string[] {
  const wrong = [`${layer} imports ${name}`];
  if (name.startsWith('.')) {
    const target = normalize(join(dirname(path), name));
    const other = target.startsWith('src/') ? layerOf(target) : target;
    return other === layer || mayImport[layer]!.includes(other) ? [] : [`${layer} imports ${other}`];
  }
  if (name === 'node:process' || name === 'process') return ['process.env stands outside settings.ts'];
  if (layer === 'domain') return name === 'node:crypto' ? [] : wrong;
  return packageHomes.some(({ packages, homes }) => packages.test(name) && !homes.includes(layer)) ? wrong : [];
}

function textViolations(path: string, layer: string, code: string): string[] {
  const found: string[] = [];
  if (path !== 'src/settings.ts' && /\bprocess\s*(?:\.\s*env\b|\[\s*['"]env['"])/.test(code)) found.push('process.env stands outside settings.ts');
  if (path !== 'src/domain/labels.ts' && labelKey.test(code)) found.push(`a label key stands outside domain/labels.ts: ${labelKey.exec(code)![0]}`);
  if (layer === 'domain' && impure.test(code)) found.push(`domain is pure: ${impure.exec(code)![0]}`);
  return found;
}

/** Static, dynamic, type-only and re-exporting imports. */
function imports(code: string): string[] {
  return [...code.matchAll(/\b(?:from|import)\s*\(?\s*(['"])([^'"\n]+)\1/g)].map((match) => match[2]!);
}

/** Strings and templates are kept whole, so that a `//` inside one is no comment. */
function withoutComments(text: string): string {
  return text.replaceAll(/(['"])(?:\\.|(?!\1)[^\\\n])*\1|`(?:\\.|[^\\`])*`|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, (part) => (/^\/[/*]/.test(part) ? ' ' : part));
}
