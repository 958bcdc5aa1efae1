import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { differences, type Lockfile } from '../../../scripts/setup/lockfile.mjs';

const root = { version: '0.1.0' };
const pino = { version: '10.4.0', integrity: 'sha512-a' };
const binding = { version: '1.0.0', integrity: 'sha512-b', optional: true };

describe('node_modules against the lock file', () => {
  test('is as wanted when every package is there as locked', () => {
    assert.deepEqual(differences({ packages: { '': root, 'node_modules/pino': pino } }, { packages: { 'node_modules/pino': pino } }), []);
  });

  test('may lack an optional package, and no other', () => {
    const wanted = { packages: { 'node_modules/pino': pino, 'node_modules/binding': binding } };
    assert.deepEqual(differences(wanted, { packages: { 'node_modules/pino': pino } }), []);
    assert.deepEqual(differences(wanted, { packages: { 'node_modules/binding': binding } }), ['node_modules/pino']);
  });

  test('differs by another version, other contents, or a package too many', () => {
    const wanted = { packages: { 'node_modules/pino': pino } };
    assert.deepEqual(differences(wanted, { packages: { 'node_modules/pino': { ...pino, version: '10.3.0' } } }), ['node_modules/pino']);
    assert.deepEqual(differences(wanted, { packages: { 'node_modules/pino': { ...pino, integrity: 'sha512-c' } } }), ['node_modules/pino']);
    assert.deepEqual(differences(wanted, { packages: { ...wanted.packages, 'node_modules/left': pino } }), ['node_modules/left']);
  });

  test("is as wanted in this checkout, by npm's own note, and seen to differ when one version changes", () => {
    const wanted = lockfile('package-lock.json');
    const installed = lockfile('node_modules/.package-lock.json');
    assert.deepEqual(differences(wanted, installed), []);
    const runtime = wanted.packages['node_modules/node'];
    const changed = { packages: { ...wanted.packages, 'node_modules/node': { ...runtime, version: '24.0.0' } } };
    assert.deepEqual(differences(changed, installed), ['node_modules/node']);
  });
});

function lockfile(path: string): Lockfile {
  return JSON.parse(readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8'));
}
