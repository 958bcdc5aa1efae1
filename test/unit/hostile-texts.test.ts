import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { describe, it } from 'node:test';
import { carryOut } from '../../src/cli/carry-out.ts';
import type { Answer, LogPart, Operations, PreviewRow } from '../../src/cli/operations.ts';
import { runCommandLine, type Program } from '../../src/cli/run.ts';
import { createScreen } from '../../src/demo/screen.ts';
import { commentText, type CommentFacts } from '../../src/domain/comment.ts';
import { KosukeError, type Failure } from '../../src/domain/errors.ts';
import { statusDescription } from '../../src/domain/github-status.ts';
import { htmlOf, jsonOf, textOf } from '../../src/gate/render.ts';
import { createLogWindow } from '../../src/pages/log-window.ts';
import { statusBody } from '../../src/gate/status.ts';
import { viewOf, type ViewFacts } from '../../src/gate/view.ts';
import { createLog } from '../../src/serve/log.ts';
import { hostileBranchNames, hostileTexts } from '../fixtures/hostile-texts.ts';
import { actingCharacters, anatomy, visibleWords } from '../support/inert.ts';
import { deployment, facts, wantsNothing } from './domain/comment-facts.ts';
import { sampleDeployment, samplePreview, sampleTime } from './gate/samples.ts';

const calm = 'shown';
const texts = Object.entries(hostileTexts);
const failureWith = (text: Partial<Failure>): Failure => ({ code: 'build-failed', fault: 'app', what: 'a', why: 'b', next: 'c', ...text });
const commentWith = (failure: Failure, change: Partial<CommentFacts> = {}) => commentText(facts({ preview: { state: 'failed' }, latest: deployment({ state: 'failed', failure }), ...change }));

/** Where a text from outside can stand in a comment. */
const sources: Record<string, (text: string) => string> = {
  'what failed (the instruction of a Dockerfile, a label)': (what) => commentWith(failureWith({ what })),
  'why it failed (the engine, git, GitHub)': (why) => commentWith(failureWith({ why })),
  'what to do next': (next) => commentWith(failureWith({ next })),
  'the end of a log (a build, a container)': (logTail) => commentWith(failureWith({ logTail })),
  'the name of the app': (appName) => commentWith(failureWith({}), { appName }),
  'the name of the repository': (name) => commentText(facts({ preview: { project: { ...facts().preview.project, name } } })),
  'the name of the owner': (owner) => commentText(facts({ preview: { ...wantsNothing('account-not-allowed'), project: { ...facts().preview.project, owner } } })),
};

describe('in a comment', () => {
  for (const [name, text] of texts) {
    it(`${name} is words and nothing else, wherever it comes from`, () => {
      for (const [source, comment] of Object.entries(sources)) {
        const markdown = comment(text);
        assert.deepEqual(anatomy(markdown), anatomy(comment(calm)), `${source}: ${markdown}`);
        assert.match(visibleWords(markdown), /shown/, source);
        assert.doesNotMatch(visibleWords(markdown), /@[\w/]/, source);
        assert.doesNotMatch(visibleWords(markdown, 'prose'), /#\d|\bGH-\d|:\/\/|www\./, source);
        assert.doesNotMatch(actingCharacters(markdown), /U\+(?!200b)/, source);
      }
    });
  }

  it('a harmless text is where it belongs, and a harmful one would be noticed', () => {
    for (const comment of Object.values(sources)) assert.match(visibleWords(comment(calm)), /shown/);
    for (const raw of ['[a](http://evil.test)', '![a](b)', '<b>', '# a', '- a', '> a', 'www.evil.test', '```\na\n```', '---']) assert.notDeepEqual(anatomy(`x\n\n${raw}`), anatomy('x\n\nshown'), raw);
    assert.match(visibleWords('@org/team &lt;'), /@org\/team </);
    assert.equal(actingCharacters('a\u001b\u202e\u0085'), 'U+1b U+202e U+85');
  });
});

describe('beside a status of GitHub', () => {
  for (const [name, text] of texts) {
    it(`${name} is one line of plain text`, () => {
      const line = statusDescription('failure', deployment({ state: 'failed', failure: failureWith({ what: text }) }));
      assert.equal(actingCharacters(line), '');
      assert.doesNotMatch(line, /\n/);
      assert.match(line, /shown/);
    });
  }
});

describe('on a page of the gate', () => {
  const factsOf = (text: string, branch: string): ViewFacts => {
    const version = sampleDeployment({ state: 'failed', failure: failureWith({ what: text, why: text, next: text, logTail: text }) });
    const sample = samplePreview({ state: 'failed', ref: { kind: 'branch', name: branch } });
    const preview = { ...sample, project: { ...sample.project, owner: text, name: text }, pulls: sample.pulls.map((pull) => ({ ...pull, title: text })) };
    const log = createLogWindow({ head: { lines: 0, bytes: 0 }, tail: { lines: 40, bytes: 64 * 1024 } });
    log.take([{ number: 0, end: 6, at: sampleTime(2), step: 'first', stream: 'step', text: 'first' }, { number: 1, end: 6 + text.length, at: sampleTime(3), step: `second ${text}`, stream: 'stdout', text }]);
    return { state: 'failed', host: 'project-1-x.kosuke.ai', found: { preview, latest: version, live: null, asked: null }, log, url: 'https://project-1-x.kosuke.ai', now: sampleTime(10) };
  };
  const tags = (page: string) => page.match(/<\/?[a-z][^>\n]*/gi)?.map((tag) => tag.replace(/(data-\w+)="[^"]*"/g, '$1'));

  for (const [name, text] of texts) {
    it(`${name} adds no element, and no character that acts, in any form`, async () => {
      const [hostile, harmless] = [factsOf(text, hostileBranchNames[name] ?? text), factsOf(calm, calm)];
      const page = await htmlOf(viewOf(hostile), hostile);
      assert.deepEqual(tags(page), tags(await htmlOf(viewOf(harmless), harmless)));
      const json = JSON.stringify(jsonOf(viewOf(hostile), statusBody(hostile.host, hostile.url, hostile.state, hostile.found)));
      for (const form of [page, textOf(viewOf(hostile), hostile), json]) {
        assert.equal(actingCharacters(form), '');
        assert.match(form, /shown/);
      }
    });
  }
});

describe('on a terminal', () => {
  const row = (text: string): PreviewRow => ({
    hostLabel: 'project-1-x',
    url: 'https://project-1-x.kosuke.ai',
    repository: text,
    ref: text,
    pulls: [12],
    state: 'running',
    setAside: text,
    live: { deployment: 7, sha: 'a'.repeat(40) },
    latest: { deployment: 8, sha: 'b'.repeat(40), state: 'building', at: '2026-11-23T09:30:00.000Z' },
  });
  const part = (text: string): LogPart => ({
    deployment: { id: 7, sha: 'a'.repeat(40), state: 'live' },
    lines: [{ at: '2026-11-23T09:30:00.000Z', step: `second ${text}`, stream: 'stdout', text }],
    next: 1,
    ended: true,
  });
  const operationsWith = (text: string): Operations => {
    const ok = async <T>(value: T): Promise<Answer<T>> => ({ ok: true, value });
    const one = () => ok(row(text));
    return {
      list: () => ok([row(text)]),
      setAside: () => ok([{ guid: text, event: text, receivedAt: text, error: text }]),
      logs: ({ from }) => ok({ ...part(text), lines: from === 0 ? part(text).lines : [] }),
      redeploy: one,
      sleep: one,
      wake: one,
      remove: async () => ({ ok: false, problem: text }),
      sweep: () => ok({ looked: 1, kicked: 1, requests: 1, free: 0, problems: [text] }),
      planSweep: () => ok({ looked: 1, steps: [{ subject: text, repository: text, ref: text, plan: [text] }], problems: [text] }),
    };
  };

  /** What a command writes to the terminal, both ways. */
  async function written(command: Parameters<typeof carryOut>[0]['command'], text: string, json: boolean, width: number | null, dryRun = false): Promise<string> {
    let all = '';
    const write = (said: string) => void (all += said);
    const flags = { all: true, deployment: null, dryRun, follow: false, json, once: false };
    const preview = { kind: 'host', hostLabel: 'project-1-x' } as const;
    await carryOut({ command, preview, flags }, operationsWith(text), { out: write, err: write, width, sleep: async () => undefined });
    return all;
  }

  for (const [name, text] of texts) {
    it(`${name} is text in the output of every command, as a table, piped and as JSON`, async () => {
      for (const command of ['list', 'logs', 'redeploy', 'sleep', 'wake', 'remove', 'sweep'] as const) {
        for (const [json, width] of [[false, 300], [false, null], [true, null]] as const) {
          const output = await written(command, text, json, width);
          assert.equal(actingCharacters(output), '', command);
          assert.ok(output.length > 0);
          assert.equal(actingCharacters(await written(command, text, json, width, true)), '', `${command} --dry-run`);
        }
        const json = await written(command, text, true, null);
        if (command === 'list') assert.deepEqual(JSON.parse(json), [row(text)], 'and means the same');
        if (command === 'logs') assert.deepEqual(JSON.parse(json), part(text).lines[0]);
      }
      assert.match(await written('logs', text, false, null), /shown/);
    });

    it(`${name} is text in the reason for which a command fails, and in what it does not understand`, async () => {
      let all = '';
      const io = { out: (said: string) => void (all += said), err: (said: string) => void (all += said), width: 80, sleep: async () => undefined };
      const broken = (error: Error): Program => ({
        version: '1',
        settings: () => ({ ok: false, problems: [text] }),
        dataDir: () => {
          throw error;
        },
        serve: async () => undefined,
        demo: async () => 0,
        withProgram: async () => {
          throw error;
        },
      });
      for (const error of [new Error(text), new KosukeError(failureWith({ what: text, why: text, next: text }))]) assert.equal(await runCommandLine(['list'], broken(error), io), 1);
      assert.equal(await runCommandLine(['serve'], broken(new Error('x')), io), 1);
      for (const words of [[text], ['logs', text], ['list', text], ['list', `--${text}`], ['help', text]]) assert.equal(await runCommandLine(words, broken(new Error('x')), io), 2);
      assert.equal(actingCharacters(all), '');
      assert.match(all, /shown/);
    });

    it(`${name} is one line of the demo`, () => {
      let all = '';
      const out = new Writable({
        write(chunk: Buffer, _encoding, done) {
          all += chunk.toString('utf8');
          done();
        },
      });
      createScreen(out as Writable & NodeJS.WriteStream).step({ at: new Date(), word: 'build', text }, 10);
      assert.equal(actingCharacters(all), '');
      assert.equal(all.trimEnd().split('\n').length, 1);
      assert.match(all, /shown/);
    });

    it(`${name} is text in a line of the program's log, which says the same`, () => {
      let all = '';
      const log = createLog({ logLevel: 'trace' }, { write: (line: string) => void (all += line) });
      log.child({ branch: text }).warn({ why: text, err: new Error(text) }, `about ${text}`);
      const line = JSON.parse(all) as { branch: string; why: string; msg: string; err: { message: string } };
      assert.deepEqual([line.branch, line.why, line.msg, line.err.message], [text, text, `about ${text}`, text]);
      assert.equal(actingCharacters(all), '');
    });
  }
});
