import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { hideCredentials } from '../../../src/domain/credentials.ts';
import { failureOf, KosukeError } from '../../../src/domain/errors.ts';
import { foldedLog } from '../../../src/domain/markdown.ts';

const token = `ghs_${'a1B2c3D4e5'.repeat(4)}`;
const jwt = `${Buffer.from('{"alg":"RS256","typ":"JWT"}').toString('base64url')}.${Buffer.from('{"iat":1}').toString('base64url')}.${'s1-g_'.repeat(60)}`;
const basic = Buffer.from(`x-access-token:${token}`).toString('base64');
const pem = `-----BEGIN RSA PRIVATE KEY-----\n${'MIIEow+/=\n'.repeat(20)}-----END RSA PRIVATE KEY-----`;

const cases: [name: string, text: string, shown: string][] = [
  ['a token of an installation', `Bad credentials: ${token}.`, 'Bad credentials: ***.'],
  ['a token that was cut off', `Bad credentials: ${token.slice(0, 9)}`, 'Bad credentials: ***'],
  ['a token of a person', `x github_pat_${'A1_b'.repeat(10)} y`, 'x *** y'],
  ['a JWT', `no entry for ${jwt}!`, 'no entry for ***!'],
  ['a JWT that was cut off', `no entry for ${jwt.slice(0, 40)}`, 'no entry for ***'],
  ['the credentials of git', `remote: ${basic} is unknown`, 'remote: *** is unknown'],
  ['a header', `> Authorization: Bearer abc.def\n> Host: x`, '> Authorization: ***\n> Host: x'],
  ['an address with a password', 'connect to postgres://kosuke:secret@127.0.0.1:1/x failed', 'connect to postgres://***@127.0.0.1:1/x failed'],
  ['a private key', `before ${pem} after`, 'before *** after'],
  ['a private key that was cut off', `before ${pem.slice(0, 100)}`, 'before ***'],
];

describe('credentials in a text', () => {
  for (const [name, text, shown] of cases) {
    it(`are hidden: ${name}`, () => {
      assert.equal(hideCredentials(text), shown);
      assert.equal(hideCredentials(shown), shown, 'twice is as once');
    });
  }

  it('are hidden in a line of JSON, which stays one', () => {
    for (const [, text] of cases) {
      const line = JSON.stringify({ err: { message: `"${text}" 'and'\\`, stack: `x\n${text}` }, authorization: text, more: 1 });
      const shown = JSON.parse(hideCredentials(line)) as { more: number };
      assert.equal(shown.more, 1);
      assert.doesNotMatch(JSON.stringify(shown), /ghs_|MIIE|s1-g_|secret/);
    }
    fc.assert(
      fc.property(fc.array(fc.constantFrom('authorization', ':', ' ', '"', "'", '\\', 'basic ', token, '://', '@', 'x', '\n', pem.slice(0, 60))), (parts) => {
        JSON.parse(hideCredentials(JSON.stringify({ text: parts.join(''), authorization: parts.join(''), more: parts })));
      }),
      { numRuns: 2_000 },
    );
  });

  it('are looked for by their shapes, so that plain words stay', () => {
    for (const text of ['Unexpected token }', 'ghs_ is how they begin', 'The authorization failed', 'see https://github.com/acme/shop@main', 'npm ERR! code 2', 'weigh_and_measure', 'eyJ']) {
      assert.equal(hideCredentials(text), text);
    }
  });

  it('are hidden in every failure, whoever made its texts', () => {
    const failure = { code: 'git' as const, fault: 'us' as const, what: `a ${token}`, why: `b ${jwt}`, next: `c ${basic}`, logTail: `d ${token}` };
    const error = new KosukeError(failure);
    assert.deepEqual([error.failure.what, error.failure.why, error.failure.next, error.failure.logTail, error.message], ['a ***', 'b ***', 'c ***', 'd ***', 'a ***: b ***']);
    assert.equal(failureOf(new Error(`refused ${token}`), 'looking').why, 'refused ***');
  });

  it('are hidden in the log tail of a comment, whoever printed them', () => {
    assert.match(foldedLog('log', `cloning https://me:${token}@github.com/a/b\n\u001b[31m${token}`), /\ncloning https:\/\/\*\*\*@\u200bgithub\.com\/a\/b\n\*\*\*\n/);
  });

  const many = 1024 * 1024;
  for (const unit of ['authorization ', '://a', '-----BEGIN PRIVATE KEY-----', 'eyJ', 'ghs_', 'authorization: ', 'eyJaaaaaaaa.', '://']) {
    it(`are looked for in a million characters of ${JSON.stringify(unit)}`, { timeout: 5000 }, () => {
      assert.ok(hideCredentials(unit.repeat(many / unit.length)).length <= many + 10);
    });
  }
});
