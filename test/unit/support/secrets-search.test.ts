import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { findSecrets, type Secret } from '../../support/secrets/search.ts';

const value = 'k\n"ü/+?&<canary>\'%???>>>';
const secret: Secret = { name: 'canary', value };
const base64 = (text: string | Buffer) => Buffer.from(text).toString('base64');
const percent = [...Buffer.from(value)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');

const disguises: Record<string, [form: string, text: string | Buffer]> = {
  'as it is': ['raw', `before ${value} after`],
  'in bytes that are no text': ['raw', Buffer.concat([Buffer.from([0xff, 0xfe, 0]), Buffer.from(value), Buffer.from([0xff])])],
  'in base64': ['base64', base64(value)],
  'in base64, one byte further': ['base64', base64(`:${value}: and more`)],
  'in base64, two bytes further': ['base64', base64(`::${value}:`)],
  'in base64url': ['base64url', Buffer.from(`:${value}`).toString('base64url')],
  'as the credentials of git': ['basic', `Authorization: Basic ${base64(`x-access-token:${value}`)}`],
  'in hex': ['hex', Buffer.from(value).toString('hex')],
  'in hex with capitals': ['hex', Buffer.from(value).toString('hex').toUpperCase()],
  'in a query': ['url', `?q=${encodeURIComponent(value)}`],
  'in a form': ['url', new URLSearchParams({ q: value }).toString()],
  'in an address, every byte': ['url', percent],
  'in an address, every byte, with capitals': ['url', percent.toUpperCase()],
  'in JSON': ['json', JSON.stringify({ value })],
  'in JSON inside of JSON': ['json', JSON.stringify({ body: JSON.stringify({ value }) })],
  'in HTML': ['html', '<p>k\n&quot;ü/+?&amp;&lt;canary&gt;&#39;%???&gt;&gt;&gt;</p>'],
};

describe('the search for secrets', () => {
  for (const [name, [form, what]] of Object.entries(disguises)) {
    it(`finds one ${name}`, () => {
      const found = findSecrets([{ where: 'here', what }], [secret]);
      assert.ok(found.some((one) => one.form === form && one.secret === 'canary' && one.where === 'here'), JSON.stringify(found));
    });
  }

  it('finds bytes, too, and names each place once', () => {
    const key = { name: 'key', value: Buffer.from('00ff80fe017f20c3a9', 'hex') };
    const places = [
      { where: 'hex', what: 'x00ff80fe017f20c3a9x00ff80fe017f20c3a9' },
      { where: 'base64', what: base64(Buffer.concat([Buffer.from('ab'), key.value, Buffer.from('c')])) },
      { where: 'raw', what: Buffer.concat([Buffer.from([1]), key.value]) },
      { where: 'elsewhere', what: '00ff80fe017f20c3a8' },
    ];
    assert.deepEqual(findSecrets(places, [key]).map(({ where, form }) => [where, form]), [['hex', 'hex'], ['base64', 'base64'], ['raw', 'raw']]);
  });

  it('finds nothing where there is only a part', () => {
    assert.deepEqual(findSecrets([{ where: 'here', what: value.slice(0, -1) }, { where: 'there', what: value.slice(1) }, { where: 'empty', what: '' }], [secret]), []);
  });

  it('finds a secret in base64 wherever it stands', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 12 }), fc.string({ minLength: 8, maxLength: 30 }), fc.string({ maxLength: 12 }), (before, value, after) => {
        const text = `${before}${value}${after}`;
        assert.ok(findSecrets([{ where: 'x', what: base64(text) }], [{ name: 'x', value }]).some(({ form }) => form === 'base64'));
        const url = findSecrets([{ where: 'x', what: Buffer.from(text).toString('base64url') }], [{ name: 'x', value }]);
        assert.ok(url.some(({ form }) => form.startsWith('base64')));
      }),
    );
  });

  it('refuses what is too short, since chance would find it', () => {
    assert.throws(() => findSecrets([], [{ name: 'pin', value: '1234567' }]), /"pin" is too short/);
  });
});
