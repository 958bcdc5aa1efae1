import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { contractFolder, cuts, description } from '../../../scripts/contract/cuts.mjs';
import { cutRest } from '../../../scripts/contract/cut.mjs';
import { lookUp, schemaTaker } from '../../../scripts/contract/schemas.mjs';
import { shared } from '../../../scripts/contract/share.mjs';
import { checksOf, readCut, type RestCut, type WebhookCut } from '../../../src/demo/github/contract/cut.ts';
import { handledEvents } from '../../../src/github/events.ts';

const root = new URL('../../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), 'utf8');

describe('the committed subsets of GitHub\'s descriptions', () => {
  test('are what "npm run contract" cuts from the packages that are installed, byte for byte', () => {
    const fresh = cuts();
    assert.deepEqual(Object.keys(fresh), ['rest.json', 'webhooks.json']);
    for (const [name, text] of Object.entries(fresh)) assert.ok(text === read(`${contractFolder}/${name}`), `${name} is not what "npm run contract" writes: run it`);
  });

  test('say from which version of which package they were cut, the pinned one', () => {
    const { devDependencies } = JSON.parse(read('package.json')) as { devDependencies: Record<string, string> };
    for (const [name, from] of [['rest', '@octokit/openapi'], ['webhooks', '@octokit/openapi-webhooks']] as const) {
      assert.equal(readCut<RestCut | WebhookCut>(name).cutFrom, `${from} ${devDependencies[from]}`);
    }
  });

  test('hold every route that the program asks, and every webhook that has a handler', () => {
    const { operations } = readCut<RestCut>('rest');
    const asked = globSync('src/github/**/*.ts', { cwd: root }).flatMap((path) => [...read(path).matchAll(/\broute: '([A-Z]+ [^']+)'/g)].map(([, route]) => route!));
    assert.ok(asked.length > 15);
    const described = asked.map((route) => route.replace('/repositories/{repository_id}', '/repos/{owner}/{repo}'));
    assert.deepEqual(described.filter((route) => !(route in operations)), []);
    const { webhooks } = readCut<WebhookCut>('webhooks');
    const handled = Object.entries(handledEvents).flatMap(([event, actions]) => (actions ?? [null]).map((action) => [event, action].filter(Boolean).join('-').replaceAll('_', '-')));
    assert.deepEqual(handled.filter((name) => !(name in webhooks)), []);
  });

  test('are no larger than what is used', () => {
    for (const name of ['rest.json', 'webhooks.json']) assert.ok(read(`${contractFolder}/${name}`).length < 150_000);
    const text = read(`${contractFolder}/rest.json`) + read(`${contractFolder}/webhooks.json`);
    for (const noise of ['"examples"', '"externalDocs"', '"x-github"', '"nullable"']) assert.ok(!text.includes(noise), noise);
  });
});

describe('the cut', () => {
  test('stops at an operation that is not described', () => {
    assert.throws(() => cutRest(description('@octokit/openapi'), ['GET /no/such/thing']), /@octokit\/openapi .* does not describe GET \/no\/such\/thing/);
    assert.throws(() => lookUp({ a: {} }, '#/a/b'), /nothing at #\/a\/b/);
    assert.throws(() => schemaTaker({}).take({ type: 'object', discriminator: {} }), /does not know what "discriminator"/);
  });

  const user = { type: 'object', properties: { login: { type: 'string' } }, required: ['login'] };
  const document = { components: { schemas: { user, staff: { allOf: [{ $ref: '#/components/schemas/user' }, { type: 'object', properties: { team: { type: 'string' } } }] } } } };
  const table: [what: string, schema: object, right: unknown[], wrong: unknown[]][] = [
    ['takes no field that is not listed', user, [{ login: 'a' }], [{ login: 'a', x: 1 }, {}]],
    ['takes any field where more are expressly allowed', { ...user, additionalProperties: true }, [{ login: 'a', x: 1 }], [{}]],
    ['takes any field of an object whose fields are not listed', { type: 'object' }, [{ x: 1 }], ['x']],
    ['looks into lists and fields', { type: 'array', items: { type: 'object', properties: { by: user } } }, [[{ by: { login: 'a' } }]], [[{ by: { login: 'a', x: 1 } }], [{ x: 1 }]]],
    ['takes the fields of all parts of an allOf and no others', { $ref: '#/components/schemas/staff' }, [{ login: 'a', team: 'b' }], [{ login: 'a', team: 'b', x: 1 }, { team: 'b' }]],
    ['takes the fields of one of several', { oneOf: [{ $ref: '#/components/schemas/user' }, { type: 'integer' }] }, [{ login: 'a' }, 1], [{ login: 'a', x: 1 }, 'a']],
    ['lets a nullable enum be null', { type: 'string', nullable: true, enum: ['a'] }, ['a', null], ['b', 1]],
    ['lets an enum be null whose type says so', { type: ['string', 'null'], enum: ['a'] }, ['a', null], ['b']],
    ['lets a nullable reference be null', { nullable: true, $ref: '#/components/schemas/user' }, [null, { login: 'a' }], [{}]],
    ['lets a nullable allOf be null', { type: 'object', nullable: true, allOf: [{ $ref: '#/components/schemas/user' }] }, [null, { login: 'a' }], [{}, { login: 'a', x: 1 }]],
    ['holds to formats', { type: 'string', format: 'uri' }, ['http://a.test/'], ['', 'a b']],
    ['takes an empty text where that is the default', { type: 'string', format: 'uri', default: '' }, ['http://a.test/', ''], ['a b']],
    ['takes any text of a format that nobody defined', { type: 'string', format: 'repo.nwo' }, ['a'], [1]],
  ];
  for (const [what, schema, right, wrong] of table) {
    test(what, () => {
      const taker = schemaTaker(document);
      const cut = shared({ value: { a: taker.take(schema), again: taker.take(schema) }, schemas: taker.named() });
      const { problems } = checksOf(cut);
      for (const value of right) assert.deepEqual(problems(cut.value.a, value), [], JSON.stringify(value));
      for (const value of wrong) assert.notDeepEqual(problems(cut.value.again, value), [], JSON.stringify(value));
    });
  }
});
