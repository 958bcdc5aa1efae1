import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { commitHostLabel, containerName, hostLabels, networkName, previewHostPattern, slugOf } from '../../../src/domain/host.ts';
import type { PreviewRef } from '../../../src/domain/preview.ts';
import { hostileBranches } from '../../fixtures/hostile-branches.ts';

const dnsLabel = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const branch = (name: string): PreviewRef => ({ kind: 'branch', name });
const anyName = fc.oneof(fc.string({ unit: 'binary', maxLength: 300 }), fc.constantFrom(...hostileBranches));
const anyRef: fc.Arbitrary<PreviewRef> = fc.oneof(
  anyName.map(branch),
  fc.integer({ min: 1, max: 1e9 }).map((number): PreviewRef => ({ kind: 'pull', number })),
);
const anyProject = fc.integer({ min: 1, max: 99_999_999 });

test('the hostile list holds 200 different names', () => {
  assert.equal(hostileBranches.length, 200);
  assert.equal(new Set(hostileBranches).size, 200);
});

test('a short plain branch has the short host first', () => {
  assert.deepEqual(hostLabels(1, branch('main')), ['project-1-main', 'project-1-main-982786bd', 'project-1-982786bd3f22691354ce8cf977cf260a']);
});

test('slashes and case become dashes and lower case', () => {
  assert.equal(hostLabels(7, branch('Feature/Login_Page'))[0], 'project-7-feature-login-page');
});

test('a cut name and a name with characters outside ASCII never have the short host', () => {
  for (const name of ['a'.repeat(21), 'naïve', 'feature/ä', '🚀-launch', '\u212a']) {
    for (const label of hostLabels(1, branch(name))) assert.match(label, /-[0-9a-f]{8}$|-[0-9a-f]{32}$/, name);
  }
});

test('a name without any letter or digit is its hash alone', () => {
  for (const label of hostLabels(1, branch('$$$'))) assert.match(label, /^project-1-[0-9a-f]{8}(?:[0-9a-f]{24})?$/);
});

test("a fork's pull request is pr-<number>, and a branch of that name has another hash", () => {
  const pull = hostLabels(1, { kind: 'pull', number: 7 });
  const named = hostLabels(1, branch('pr-7'));
  assert.equal(pull[0], 'project-1-pr-7');
  assert.equal(named[0], 'project-1-pr-7');
  assert.notEqual(pull[1], named[1]);
});

test('every label of every hostile name is one valid DNS label', () => {
  for (const name of hostileBranches) for (const label of hostLabels(99_999_999, branch(name))) assert.match(label, dnsLabel, JSON.stringify(name));
});

test('property: every label of any ref is one valid DNS label of the project', () => {
  fc.assert(
    fc.property(anyProject, anyRef, (project, ref) => {
      const labels = hostLabels(project, ref);
      assert.ok(labels.length >= 2);
      for (const label of labels) {
        assert.match(label, dnsLabel);
        assert.ok(label.startsWith(`project-${project}-`));
      }
    }),
  );
});

test('no two of the 200 hostile branches share a host, in whatever order they come', () => {
  fc.assert(
    fc.property(fc.shuffledSubarray([...hostileBranches], { minLength: 200 }), (names) => {
      const hosts = allocate(1, names.map(branch));
      assert.equal(new Set(hosts).size, names.length);
    }),
    { numRuns: 20 },
  );
});

test('property: no two refs of a project share a host', () => {
  fc.assert(
    fc.property(fc.uniqueArray(anyRef, { selector: (ref) => JSON.stringify(ref), maxLength: 40 }), (refs) => {
      assert.equal(new Set(allocate(3, refs)).size, refs.length);
    }),
  );
});

test('a branch named like the hashed host of another takes nothing from it', () => {
  const victim = branch('ä-feature');
  const taken = hostLabels(1, victim)[0]!;
  const [first, second] = allocate(1, [branch(taken.replace('project-1-', '')), victim]);
  assert.notEqual(first, second);
  assert.match(second!, dnsLabel);
});

test('property: a slug is its own slug, at most 20 long, without a dash at its ends', () => {
  fc.assert(
    fc.property(anyName, (name) => {
      const { slug } = slugOf(name);
      assert.equal(slugOf(slug).slug, slug);
      assert.match(slug, /^(?:[a-z0-9](?:[a-z0-9-]{0,18}[a-z0-9])?)?$/);
    }),
  );
});

test('a commit host is a DNS label that is never the host of a branch', () => {
  assert.equal(commitHostLabel(1, '3f2c1aa0b1c2d3e4f5061728394a5b6c7d8e9f00', 35), 'project-1--3f2c1aa0b1-z');
  assert.match(commitHostLabel(99_999_999, 'f'.repeat(64), Number.MAX_SAFE_INTEGER), dnsLabel);
  for (const name of hostileBranches) for (const label of hostLabels(1, branch(name))) assert.doesNotMatch(label, /^project-1--/);
});

test('containers and networks are named after the host', () => {
  assert.equal(containerName('project-1-main', 7), 'kosuke-preview-project-1-main-7');
  assert.equal(networkName('project-1-main'), 'kosuke-preview-project-1-main');
});

test('the pattern of preview hosts takes every host of ours and nothing that merely contains one', () => {
  const pattern = new RegExp(previewHostPattern('kosuke.ai'));
  for (const name of hostileBranches) assert.match(`${hostLabels(1, branch(name))[0]}.kosuke.ai`, pattern);
  for (const host of ['kosuke.ai', 'www.kosuke.ai', 'project-1-a.kosukeXai', 'project-1-a.kosuke.ai.evil.example', 'evil.project-1-a.kosuke.ai', 'project-1-a.b.kosuke.ai', 'project-.kosuke.ai\n']) {
    assert.doesNotMatch(host, pattern, host);
  }
});

/** As the store does it: the first label that nobody has. */
function allocate(project: number, refs: readonly PreviewRef[]): string[] {
  const taken = new Set<string>();
  return refs.map((ref) => {
    const label = hostLabels(project, ref).find((each) => !taken.has(each));
    assert.ok(label !== undefined, `no host is left for ${JSON.stringify(ref)}`);
    taken.add(label);
    return label;
  });
}
