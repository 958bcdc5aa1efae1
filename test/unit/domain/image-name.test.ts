import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { afreshNames, baseMark, familiarName, imageName, imagePrefix, imageStem, isOurImage, ourNames, type ImageInputs } from '../../../src/domain/image-name.ts';

const key = Buffer.alloc(32, 1);
const otherKey = Buffer.alloc(32, 2);
const inputs: ImageInputs = { projectId: 3, treeHash: 'a'.repeat(40), dockerfile: 'FROM x\n', target: null, args: { B: '2', A: '1' }, afreshFor: null };

test('the same inputs are one name, whatever the order of their arguments', () => {
  assert.match(imageName(key, inputs), /^kosuke-preview\/3:[0-9a-f]{24}-[0-9a-f]{16}$/);
  assert.equal(imageName(key, inputs), imageName(key, { ...inputs, args: { A: '1', B: '2' } }));
});

test('another project, tree, Dockerfile, target, argument or instance is another name', () => {
  const others = [
    imageName(key, { ...inputs, projectId: 4 }),
    imageName(key, { ...inputs, treeHash: 'b'.repeat(40) }),
    imageName(key, { ...inputs, dockerfile: 'FROM y\n' }),
    imageName(key, { ...inputs, target: 'x' }),
    imageName(key, { ...inputs, args: { A: '1', B: '3' } }),
    imageName(key, { ...inputs, args: {} }),
    imageName(key, { ...inputs, afreshFor: 1 }),
    imageName(otherKey, inputs),
  ];
  assert.equal(new Set([imageName(key, inputs), ...others]).size, others.length + 1);
});

test('images that were made before files were built as git holds them have other names', () => {
  const before = createHash('sha256').update(JSON.stringify([inputs.treeHash, inputs.dockerfile, null, [['A', '1'], ['B', '2']]])).digest('hex').slice(0, 24);
  assert.notEqual(imageStem(inputs), `${imagePrefix(3)}${before}`);
});

test('all images of the same inputs begin alike, and those built afresh are known, the newest first', () => {
  const afresh = [9, 10, 2].map((id) => imageName(key, { ...inputs, afreshFor: id }));
  const names = [imageName(key, inputs), ...afresh];
  assert.ok(names.every((name) => name.startsWith(imageStem(inputs)) && name.startsWith(imagePrefix(3))));
  assert.deepEqual(afreshNames(names), [afresh[1], afresh[0], afresh[2]]);
  assert.deepEqual(afreshNames([imageName(key, inputs)]), []);
});

test('an image is ours by its key only', () => {
  for (const name of [imageName(key, inputs), imageName(key, { ...inputs, afreshFor: 12 }), baseMark(key, 'node:24')]) {
    assert.ok(isOurImage(key, name), name);
    assert.ok(!isOurImage(otherKey, name), name);
    assert.ok(!isOurImage(key, name.replace(/.$/, (digit) => (digit === '0' ? '1' : '0'))), name);
  }
  assert.ok(!isOurImage(key, imageName(key, { ...inputs, afreshFor: 12 }).replace('-r12-', '-r13-')));
  assert.ok(!isOurImage(key, 'busybox:1.37'));
});

test('a base image is ours beside its mark, and under no other name', () => {
  const mark = baseMark(key, 'docker.io/library/node:24');
  assert.equal(mark, baseMark(key, 'node:24'));
  assert.deepEqual(ourNames(key, ['node:24', mark, 'mine/node:24']), ['node:24', mark]);
  assert.deepEqual(ourNames(key, ['node:24', baseMark(otherKey, 'node:24')]), []);
  assert.deepEqual(['docker.io/library/node:24', 'docker.io/acme/x:1', 'ghcr.io/acme/x:1'].map(familiarName), ['node:24', 'acme/x:1', 'ghcr.io/acme/x:1']);
});
