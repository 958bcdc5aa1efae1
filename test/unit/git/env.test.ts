import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gitEnv, scrub } from '../../../src/git/env.ts';
import { tellsOfDamage, tellsOfLostCommit } from '../../../src/git/failure.ts';

const token = 'ghs_16C7e42F292c6912E7710c838347Ae178B4a';
const url = 'https://github.com/acme/shop.git';
const basic = Buffer.from(`x-access-token:${token}`).toString('base64');

test('the token stands in one value of the environment, bound to the address', () => {
  const env = gitEnv(['https'], { url, token });
  const holders = Object.entries(env).filter(([, value]) => value.includes(token) || value.includes(basic));
  assert.equal(holders.length, 1);
  const [name, value] = holders[0]!;
  assert.equal(value, `Authorization: Basic ${basic}`);
  assert.equal(env[name.replace('VALUE', 'KEY')], `http.${url}.extraHeader`);
  assert.equal(env.GIT_ALLOW_PROTOCOL, 'https');
});

test('nothing of our own environment reaches git', () => {
  const ours = Object.keys(process.env).filter((name) => !['PATH', 'HOME', 'LC_ALL'].includes(name) && !name.startsWith('GIT_'));
  const env = gitEnv(['https']);
  assert.deepEqual(ours.filter((name) => name in env), []);
  assert.equal(env.HOME, '/nonexistent');
});

test('errors come without token and credentials, and only their end', () => {
  const stderr = [
    ...Array.from({ length: 20 }, (_, at) => `remote: line ${at}`),
    `> Authorization: Basic ${basic}`,
    `fatal: unable to access 'https://x-access-token:${token}@github.com/acme/shop.git/': ${token}`,
    '',
  ].join('\n');
  assert.equal(
    scrub(stderr, token),
    [
      'remote: line 17',
      'remote: line 18',
      'remote: line 19',
      '> Authorization: ***',
      "fatal: unable to access 'https://***@github.com/acme/shop.git/': ***",
    ].join('\n'),
  );
  assert.equal(scrub(`x${'y'.repeat(5_000)}`).length, 1_000);
});

test('damage on our disk is told apart from what the other side says', () => {
  for (const line of [
    'error: object file ./objects/3a/1b is empty',
    'fatal: bad object refs/kosuke/3',
    "fatal: not a git repository: '/data/git/1.git'",
    'fatal: packfile ./objects/pack/pack-1.pack cannot be accessed',
    'fatal: shallow file has changed since we read it',
  ]) {
    assert.equal(tellsOfDamage(`warning: x\n${line}\n`), true, line);
  }
  for (const line of [
    "fatal: unable to access 'https://github.com/acme/corrupt/': The requested URL returned error: 403",
    'remote: Repository not found: bad object',
    'fatal: remote error: upload-pack: not our ref 1111',
    'fatal: could not read Username for corrupt',
  ]) {
    assert.equal(tellsOfDamage(line), false, line);
  }
  assert.equal(tellsOfLostCommit('fatal: remote error: upload-pack: not our ref 1111'), true);
  assert.equal(tellsOfLostCommit('fatal: early EOF'), false);
});
