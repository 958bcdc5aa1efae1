import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

const root = new URL('../../../', import.meta.url);
const here = 'test/unit/demo/contract-kept.test.ts';

/** What would let something past the check of what is said with the local GitHub, and the only places where it may stand. */
const rules: { what: string; found: RegExp; homes: readonly string[] }[] = [
  {
    what: 'decides whether it is checked',
    found: /\bcheckContract\b/,
    homes: [
      ...['github/contract/contract.ts', 'github/types.ts', 'github/index.ts', 'world.ts'].map((path) => `src/demo/${path}`),
      'test/integration/local-github/contract.test.ts',
      'test/unit/demo/contract.test.ts',
    ],
  },
  {
    what: 'forgets what was found',
    found: /\.takeViolations\(/,
    homes: ['test/integration/local-github/harness.ts', 'test/integration/local-github/contract.test.ts', 'test/support/world.ts'],
  },
  {
    what: 'forgives what was provoked',
    found: /\bprovoked\(/,
    homes: ['harness.ts', 'contract.test.ts', 'rest.test.ts', 'auth.test.ts', 'hooks.test.ts'].map((name) => `test/integration/local-github/${name}`),
  },
  {
    what: 'starts a local GitHub',
    found: /\bstartLocalGitHub\(/,
    homes: ['src/demo/github/index.ts', 'src/demo/world.ts', 'test/integration/github/support.ts', 'test/integration/local-github/harness.ts'],
  },
  {
    what: 'makes up a webhook',
    found: /['"]x-github-event['"]\s*:/i,
    homes: [
      'src/demo/github/hooks/queue.ts',
      // Tests of the intake: sizes, signatures, headers. What is in the payload does not matter there.
      ...['intake', 'intake-limit', 'intake-places', 'secrets'].map((name) => `test/integration/github/${name}.test.ts`),
      'test/e2e/down.test.ts',
      // Whether it is stored, whatever it says.
      'test/e2e/postgres.test.ts',
      'test/e2e/secrets.test.ts',
      // GitHub's own.
      'test/integration/github/examples.test.ts',
      'test/unit/demo/contract.test.ts',
    ],
  },
];

test('nothing goes past the check of what is said with the local GitHub', () => {
  const files = new Map(globSync('{src,test,scripts}/**/*.{ts,mjs}', { cwd: root }).filter((path) => path !== here).map((path) => [path, readFileSync(new URL(path, root), 'utf8')]));
  assert.ok(files.size > 300);
  assert.deepEqual(past(files), []);
  for (const { what, found, homes } of rules) {
    for (const home of homes) assert.match(files.get(home) ?? '', found, `${home} no longer ${what}: it is no home of it`);
  }
});

test('that check of the sources finds each kind', () => {
  const planted: [text: string, what: RegExp][] = [
    ['await startTestWorld({ checkContract: false });', /decides whether it is checked/],
    ['world().github.takeViolations();', /forgets what was found/],
    ['provoked(github);', /forgives what was provoked/],
    ['const github = await startLocalGitHub({ dir });', /starts a local GitHub/],
    ["headers: { 'X-GitHub-Event': 'push' }", /makes up a webhook/],
  ];
  for (const [text, what] of planted) {
    const found = past(new Map([['test/e2e/new.test.ts', text]]));
    assert.equal(found.length, 1, text);
    assert.match(found[0]!, what);
  }
});

function past(files: ReadonlyMap<string, string>): string[] {
  return [...files].flatMap(([path, text]) => rules.filter(({ found, homes }) => found.test(text) && !homes.includes(path)).map(({ what }) => `${path} ${what}`));
}
