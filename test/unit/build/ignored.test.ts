import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { test } from 'node:test';
import { extract, pack } from 'tar-stream';
import { KosukeError } from '../../../src/domain/errors.ts';
import { withoutIgnored } from '../../../src/build/ignored.ts';

function tarOf(files: Record<string, string>): Readable {
  const tar = pack();
  for (const [name, content] of Object.entries(files)) {
    if (name.endsWith('/')) tar.entry({ name, type: 'directory' });
    else if (content.startsWith('-> ')) tar.entry({ name, type: 'symlink', linkname: content.slice(3) });
    else tar.entry({ name }, content);
  }
  tar.finalize();
  return Readable.from(tar);
}

async function namesOf(tar: AsyncIterable<Buffer>): Promise<string[]> {
  const names: string[] = [];
  const entries = extract();
  entries.end(await buffer(tar));
  for await (const entry of entries) {
    names.push(`${entry.header.name}${entry.header.type === 'symlink' ? ` -> ${entry.header.linkname}` : ''}`);
    entry.resume();
  }
  return names;
}

const files = { 'Dockerfile': 'FROM x', '.env': 'SECRET=1', 'src/': '', 'src/a.ts': 'x'.repeat(100_000), 'src/.env': '2', 'docs/readme.md': '', 'link': '-> .env', [`long/${'d'.repeat(120)}/${'é'.repeat(80)}`]: 'z' };
const long = Object.keys(files).at(-1)!;

const table: [string, string, string[]][] = [
  ['nothing is named', '# nothing\n', Object.keys(files).map((name) => (name === 'link' ? 'link -> .env' : name))],
  ['one file is', '.env\n', ['Dockerfile', 'src/', 'src/a.ts', 'src/.env', 'docs/readme.md', 'link -> .env', long]],
  ['files anywhere are', '**/.env\ndocs\n', ['Dockerfile', 'src/', 'src/a.ts', 'link -> .env', long]],
  ['everything is but one folder', '*\n!src\n', ['Dockerfile', 'src/', 'src/a.ts', 'src/.env']],
  ['the Dockerfile itself is', 'Dockerfile\nsrc\n.env\ndocs\nlink\nlong', ['Dockerfile']],
];

for (const [name, rules, expected] of table) {
  test(`what .dockerignore names is not sent: ${name}`, async () => {
    assert.deepEqual(await namesOf(withoutIgnored(tarOf(files), rules, 'Dockerfile')), expected);
  });
}

test('an error of the source reaches the reader, and a reader that leaves ends the source', async () => {
  async function* broken(): AsyncGenerator<Buffer> {
    yield (await buffer(tarOf(files))).subarray(0, 4_096);
    throw new Error('the archive stopped');
  }
  await assert.rejects(buffer(withoutIgnored(broken(), 'x', 'Dockerfile')), /the archive stopped/);

  let ended = false;
  async function* endless(): AsyncGenerator<Buffer> {
    try {
      const one = (await buffer(tarOf({ a: 'x'.repeat(10_000) }))).subarray(0, 10_752);
      for (;;) yield one;
    } finally {
      ended = true;
    }
  }
  for await (const chunk of withoutIgnored(endless(), 'x', 'Dockerfile')) if (chunk !== undefined) break;
  assert.ok(ended);
});

test('rules that are refused are refused at once, and others leave room for all else while they are applied', async () => {
  assert.throws(() => withoutIgnored(tarOf(files), '[', 'Dockerfile'), KosukeError);

  const many = Object.fromEntries(Array.from({ length: 800 }, (_, at) => [`${'a'.repeat(90)}${at}`, '']));
  const whole = Readable.from([await buffer(tarOf(many))]);
  let turns = 0;
  let turning = setImmediate(function turn() {
    turns += 1;
    turning = setImmediate(turn);
  });
  try {
    await namesOf(withoutIgnored(whole, '*a'.repeat(1_000), 'Dockerfile'));
  } finally {
    clearImmediate(turning);
  }
  assert.ok(turns > 5, String(turns));
});
