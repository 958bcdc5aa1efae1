import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parsePreviewName } from '../../../src/domain/preview-name.ts';

test('a preview is named by its host in any form', () => {
  const host = { kind: 'host', hostLabel: 'project-1-feature-a' };
  for (const text of [
    'project-1-feature-a', 'Project-1-Feature-A', 'project-1-feature-a.kosuke.ai', 'https://project-1-feature-a.kosuke.ai', 'https://project-1-feature-a.kosuke.ai/a/b?c=d#e',
    'http://project-1-feature-a.kosuke.localhost:8080/', 'project-1-feature-a.kosuke.localhost:8080',
  ]) assert.deepEqual(parsePreviewName(text), host, text);
});

test('a preview is named by a pull request or a branch', () => {
  assert.deepEqual(parsePreviewName('acme/shop#12'), { kind: 'pull', owner: 'acme', repo: 'shop', number: 12 });
  assert.deepEqual(parsePreviewName('acme/shop.js@feature/a'), { kind: 'branch', owner: 'acme', repo: 'shop.js', branch: 'feature/a' });
  assert.deepEqual(parsePreviewName('acme/shop@a#1@b'), { kind: 'branch', owner: 'acme', repo: 'shop', branch: 'a#1@b' });
});

test('anything else names nothing', () => {
  for (const text of ['', 'foo', 'acme/shop', 'acme/shop#', 'acme/shop#0', 'acme/shop@', '#12', 'acme#12', 'www.kosuke.ai', 'https://kosuke.ai', 'project-', 'project-x', `project-1-${'a'.repeat(60)}`, '-x', '--help', 'ftp://project-1-a.kosuke.ai']) {
    assert.equal(parsePreviewName(text), null, text);
  }
});
