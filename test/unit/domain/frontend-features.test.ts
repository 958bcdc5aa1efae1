import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { unreadChmod, unreadFeature } from '../../../src/domain/frontend-features.ts';

/** What engines said of the instruction in line 2, word for word. `engine`: where it said so; `from`: the first that reads it. */
const tooOld: { name: string; instruction: string; engine: string; says: string; from: string | null }[] = [
  { name: 'COPY --link', instruction: 'COPY --link a /a', engine: '20.10.24+dfsg1', says: 'dockerfile parse error line 2: Unknown flag: link', from: '23.0' },
  { name: 'ADD --link', instruction: 'ADD --chown=1 --link=true a /a', engine: '20.10.24', says: 'dockerfile parse error line 2: Unknown flag: link', from: '23.0' },
  { name: 'here-documents', instruction: 'RUN <<EOF\necho a\nEOF', engine: '20.10.24', says: 'dockerfile parse error line 3: unknown instruction: ECHO', from: '23.0' },
  { name: 'here-documents', instruction: 'COPY <<EOF /x\nENV\nEOF', engine: '20.10.24', says: 'dockerfile parse error line 3: ENV requires at least one argument', from: '23.0' },
  { name: 'here-documents', instruction: 'COPY <<EOF /x\nEOF', engine: '20.10.24', says: 'dockerfile parse error line 3: unknown instruction: EOF', from: '23.0' },
  { name: 'here-documents', instruction: 'RUN <<EOF\nenv A=1 npm ci\nEOF', engine: '20.10.24', says: 'Syntax error - can\'t find = in "npm". Must be of the form: name=value', from: '23.0' },
  { name: 'here-documents', instruction: 'RUN <<EOF\nlabel x\nEOF', engine: '20.10.24', says: 'LABEL must have two arguments', from: '23.0' },
  { name: 'COPY --parents', instruction: 'COPY --parents a /a', engine: '20.10.24', says: 'dockerfile parse error line 2: Unknown flag: parents', from: '29.1' },
  { name: 'COPY --parents', instruction: 'COPY --parents a /a', engine: '28.5.2+dfsg4', says: 'dockerfile parse error on line 2: unknown flag: --parents', from: '29.1' },
  { name: 'COPY --exclude', instruction: 'COPY --exclude=b . /a', engine: '20.10.24', says: 'dockerfile parse error line 2: Unknown flag: exclude', from: '28.5' },
  { name: 'RUN --mount=type=secret with env=', instruction: 'RUN --mount=type=secret,id=x,env=FOO true', engine: '20.10.24', says: "dockerfile parse error line 2: unexpected key 'env' in 'env=FOO'", from: '27.3' },
  { name: 'RUN --mount=type=secret with env=', instruction: 'RUN --mount=type=secret,id=x,env=FOO true', engine: '26.1.0', says: "unexpected key 'env' in 'env=FOO'", from: '27.3' },
  { name: 'RUN --mount=type=tmpfs with size=', instruction: 'RUN --mount=type=tmpfs,size=5m,target=/x true', engine: '20.10.24', says: "dockerfile parse error line 2: unexpected key 'size' in 'size=5m'", from: '23.0' },
  { name: 'ADD --checksum', instruction: 'ADD --checksum=sha256:24 http://x/x /', engine: '20.10.24', says: 'dockerfile parse error line 2: Unknown flag: checksum', from: '25.0' },
  { name: 'ADD --checksum', instruction: 'ADD --checksum=sha256:24 http://x/x /', engine: '24.0.7', says: "instruction 'ADD --checksum=<CHECKSUM>' requires the labs channel", from: '25.0' },
  { name: 'ADD --keep-git-dir', instruction: 'ADD --keep-git-dir=true http://x/x.git /', engine: '20.10.24', says: 'dockerfile parse error line 2: Unknown flag: keep-git-dir', from: '25.0' },
  { name: 'ADD --unpack', instruction: 'ADD --unpack=true a /', engine: '20.10.24', says: 'dockerfile parse error line 2: Unknown flag: unpack', from: '28.3' },
  { name: 'RUN --network', instruction: 'RUN --network=none true', engine: '20.10.24', says: 'dockerfile parse error line 2: Unknown flag: network', from: '23.0' },
  { name: 'RUN --security', instruction: 'RUN --security=insecure true', engine: '28.5.2', says: 'dockerfile parse error on line 2: unknown flag: --security', from: '29.1' },
  { name: 'RUN --device', instruction: 'RUN --device=x true', engine: '20.10.24', says: 'dockerfile parse error line 2: Unknown flag: device', from: null },
  { name: 'RUN --device', instruction: 'RUN --device=x true', engine: '28.5.2', says: 'device feature is only supported in Dockerfile frontend 1.14.0-labs or later', from: null },
  { name: 'HEALTHCHECK --start-interval', instruction: 'HEALTHCHECK --start-interval=1s CMD true', engine: '20.10.24', says: 'dockerfile parse error line 2: Unknown flag: start-interval', from: '25.0' },
  { name: 'COPY --chmod with letters', instruction: 'COPY --chmod=u+x a /a', engine: '27.5.1', says: "invalid chmod parameter: 'u+x'. it should be octal string and between 0 and 07777", from: '28.0' },
  { name: '${name#pattern}', instruction: 'ENV B=${A#x}', engine: '20.10.24', says: 'failed to process "${A#x}": missing \':\' in substitution', from: '26.0' },
  { name: '${name-word}', instruction: 'ENV B=${A-x}', engine: '24.0.2', says: 'failed to process "${A-x}": missing \':\' in substitution', from: '25.0' },
];

describe('what a frontend does not read', () => {
  for (const { name, instruction, engine, says, from } of tooOld) {
    test(`${name} on ${engine} is told as what it is`, () => {
      const dockerfile = `FROM busybox:1.37\n${instruction}\nUSER x\n`;
      const error = `failed to solve with frontend dockerfile.v0: failed to create LLB definition: ${says}`;
      const found = unreadFeature(dockerfile, error, engine);
      assert.deepEqual([found?.name, found?.engine, found?.line, found?.text], [name, from, 2, instruction.split('\n')[0]]);
      // An engine that reads it has another reason, whatever it says.
      if (from !== null) for (const newer of [from, `${from}.7-ce`, '99.0']) assert.equal(unreadFeature(dockerfile, error, newer), null);
    });
  }

  test('a slip of the pen stays what it is', () => {
    const cases = [
      ['COPY --lnk a /a', 'dockerfile parse error line 2: Unknown flag: lnk'],
      ['COPY --links a /a', 'dockerfile parse error line 2: Unknown flag: links'],
      ['FRMO x', 'dockerfile parse error line 2: unknown instruction: FRMO'],
      ['RUN --link true', 'dockerfile parse error line 2: Unknown flag: link'],
      ['RUN --mount=type=cache,env=x,target=/x true', "dockerfile parse error line 2: unexpected key 'env' in 'env=x'"],
      ['RUN --mount=type=secret,evn=x true', "dockerfile parse error line 2: unexpected key 'evn' in 'evn=x'"],
      ['RUN echo <<EOF\nECHO never ended', 'dockerfile parse error line 3: unknown instruction: ECHO'],
      ['RUN cat <<EOF\nEOF\nECHO', 'dockerfile parse error line 4: unknown instruction: ECHO'],
      ['RUN <<EOF\nenv A=1 npm ci\nEOF\nENV C=1 d', 'Syntax error - can\'t find = in "d". Must be of the form: name=value'],
      ['RUN <<EOF\nenv A=1\nEOF\nENV C', 'ENV must have two arguments'],
      ['ENV A=${B', 'failed to process "${B": syntax error: missing \'}\''],
    ];
    for (const [instruction, says] of cases) assert.equal(unreadFeature(`FROM busybox\n${instruction}\n`, says!, '20.10.24'), null, instruction);
  });

  test('the line that is named decides, over lines that go on', () => {
    const dockerfile = 'FROM busybox\nRUN true && \\\n  true\nCOPY \\\n  # why\n  --link \\\n a /a\nCOPY --parents a /b\n';
    assert.deepEqual(unreadFeature(dockerfile, 'dockerfile parse error line 4: Unknown flag: link', '20.10.24')?.line, 4);
    assert.equal(unreadFeature(dockerfile, 'dockerfile parse error line 8: Unknown flag: link', '20.10.24'), null);
  });
});

test('letters for --chmod that an old engine passed over are found before the step that broke', () => {
  const dockerfile = 'FROM x\nCOPY --chmod=755 a /a\nADD --chmod=u+x b /b\nCOPY --chmod=$M c /c\nRUN /b\nCOPY --chmod=a=rx,u+w d /d\n';
  assert.deepEqual(unreadChmod(dockerfile, 5, '20.10.24'), { name: 'ADD --chmod with letters', syntax: '1.14', engine: '28.0', line: 3, text: 'ADD --chmod=u+x b /b' });
  assert.equal(unreadChmod(dockerfile, null, '27.5.1')?.line, 6);
  assert.equal(unreadChmod(dockerfile, 3, '20.10.24'), null);
  assert.equal(unreadChmod(dockerfile, 5, '28.0.1'), null);
});
