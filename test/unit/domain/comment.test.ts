import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { marked } from 'marked';
import { commentText, type CommentFacts } from '../../../src/domain/comment.ts';
import type { Failure } from '../../../src/domain/errors.ts';
import { portFoundNote } from '../../../src/domain/notes.ts';
import { hostileBranches } from '../../fixtures/hostile-branches.ts';
import { at, deployment, facts, live, newer, wantsNothing } from './comment-facts.ts';

const failed: Failure = {
  code: 'build-failed',
  fault: 'app',
  what: 'The build failed at [3/4] RUN npm run build',
  why: 'the command ended with code 2',
  next: 'Fix it and push, or set `build.dockerfile`.',
  logTail: 'src/a.ts(1,1): error TS1005\n\u001b[31mnpm ERR!\u001b[0m code 2\n',
};
const edge: Failure = { code: 'edge', fault: 'us', what: 'The app was started, but Traefik never showed it', why: 'connection refused', next: '' };
const tooOld: Failure = { code: 'engine-too-old', fault: 'us', what: "This server's Docker Engine 20.10.24 is too old for COPY --link", why: 'line 4', next: 'Update', engineVersion: '20.10.24' };
const crash: Failure = { code: 'crashed', fault: 'app', what: 'The app exited with code 1', why: '', next: '', logTail: 'Error: no database\n' };
const asleep = (asleepBecause: 'person' | 'room' | 'suspended'): Partial<CommentFacts['preview']> => ({
  state: 'asleep',
  wanted: { run: 'asleep', sha: live().sha, reason: 'pull-request', asleepBecause },
});

/** Each: what is so, and the comment's row and paragraphs below its head. */
const situations: Record<string, [CommentFacts, string]> = {
  'nothing has been started yet': [
    facts(),
    lines(
      '| shop | ⚪ Waiting | [project-1-feature-a.kosuke.ai](https://project-1-feature-a.kosuke.ai) | – | – |',
      'The preview waits for its turn to be built.',
    ),
  ],
  'the first version waits': [
    facts({ latest: deployment() }),
    lines(
      '| shop | ⚪ Waiting | [project-1-feature-a.kosuke.ai](https://project-1-feature-a.kosuke.ai) | [`abc1234`](https://github.com/acme/shop/commit/abc1234def5678900000000000000000000000aa) | 2026-11-23 09:30 UTC |',
      '[`abc1234`](https://github.com/acme/shop/commit/abc1234def5678900000000000000000000000aa) waits for its turn to be built.',
    ),
  ],
  'the first version is being built': [
    facts({ preview: { state: 'building' }, latest: deployment({ state: 'building', buildStartedAt: at(60) }) }),
    lines(
      '| shop | 🟡 Building | [project-1-feature-a.kosuke.ai](https://project-1-feature-a.kosuke.ai) | [`abc1234`](https://github.com/acme/shop/commit/abc1234def5678900000000000000000000000aa) | 2026-11-23 09:31 UTC |',
      '[`abc1234`](https://github.com/acme/shop/commit/abc1234def5678900000000000000000000000aa) is being built. [Log](https://kosuke.ai/logs/log-7)',
    ),
  ],
  'the first version is being started': [
    facts({ preview: { state: 'starting' }, latest: deployment({ state: 'starting', buildStartedAt: at(1), builtAt: at(9), startedAt: at(10) }) }),
    lines(
      '| shop | 🟡 Starting | [project-1-feature-a.kosuke.ai](https://project-1-feature-a.kosuke.ai) | [`abc1234`](https://github.com/acme/shop/commit/abc1234def5678900000000000000000000000aa) | 2026-11-23 09:30 UTC |',
      '[`abc1234`](https://github.com/acme/shop/commit/abc1234def5678900000000000000000000000aa) is built and is being started. [Log](https://kosuke.ai/logs/log-7)',
    ),
  ],
  'the version is live': [
    facts({ preview: { state: 'running' }, latest: live(), live: live() }),
    lines(
      '| shop | 🟢 Running | [project-1-feature-a.kosuke.ai](https://project-1-feature-a.kosuke.ai) | [`abc1234`](https://github.com/acme/shop/commit/abc1234def5678900000000000000000000000aa) | 2026-11-23 09:30 UTC |',
      '[`abc1234`](https://github.com/acme/shop/commit/abc1234def5678900000000000000000000000aa) is live, ready in 12 s. [Log](https://kosuke.ai/logs/log-7)',
    ),
  ],
  'the app has a name of its own': [
    facts({ appName: 'web', preview: { state: 'running' }, latest: live(), live: live() }),
    lines(
      '| web | 🟢 Running | [project-1-feature-a.kosuke.ai](https://project-1-feature-a.kosuke.ai) | [`abc1234`](https://github.com/acme/shop/commit/abc1234def5678900000000000000000000000aa) | 2026-11-23 09:30 UTC |',
      '[`abc1234`](https://github.com/acme/shop/commit/abc1234def5678900000000000000000000000aa) is live, ready in 12 s. [Log](https://kosuke.ai/logs/log-7)',
    ),
  ],
  'a newer version is built while the old one serves': [
    facts({ preview: { state: 'running' }, latest: newer({ state: 'building', buildStartedAt: at(601) }), live: live() }),
    lines(
      '| shop | 🟢 Running; a newer version is on its way | [project-1-feature-a.kosuke.ai](https://project-1-feature-a.kosuke.ai) | [`abc1234`](https://github.com/acme/shop/commit/abc1234def5678900000000000000000000000aa) | 2026-11-23 09:40 UTC |',
      '[`def5678`](https://github.com/acme/shop/commit/def5678abc1234500000000000000000000000bb) is being built. [Log](https://kosuke.ai/logs/log-8)',
      'The previous version at [`abc1234`](https://github.com/acme/shop/commit/abc1234def5678900000000000000000000000aa) keeps serving.',
    ),
  ],
  'the newer version failed and the old one serves': [
    facts({ preview: { state: 'running' }, latest: newer({ state: 'failed', failure: failed, endedAt: at(640) }), live: live() }),
    lines(
      '| shop | 🟢 Running; the newer version failed | [project-1-feature-a.kosuke.ai](https://project-1-feature-a.kosuke.ai) | [`abc1234`](https://github.com/acme/shop/commit/abc1234def5678900000000000000000000000aa) | 2026-11-23 09:40 UTC |',
      '[`def5678`](https://github.com/acme/shop/commit/def5678abc1234500000000000000000000000bb) failed. The build failed at \\[3/4\\] RUN npm run build: the command ended with code 2.',
      'Fix it and push, or set `build.dockerfile`. [Log](https://kosuke.ai/logs/log-8)',
      '<details><summary>The end of the log</summary>',
      '```\nsrc/a.ts(1,1): error TS1005\nnpm ERR! code 2\n```',
      '</details>',
      'The previous version at [`abc1234`](https://github.com/acme/shop/commit/abc1234def5678900000000000000000000000aa) keeps serving.',
    ),
  ],
  'the first version failed': [
    facts({ preview: { state: 'failed' }, latest: deployment({ state: 'failed', failure: failed, endedAt: at(40) }) }),
    lines(
      '| shop | 🔴 Failed | [project-1-feature-a.kosuke.ai](https://project-1-feature-a.kosuke.ai) | [`abc1234`](https://github.com/acme/shop/commit/abc1234def5678900000000000000000000000aa) | 2026-11-23 09:30 UTC |',
      '[`abc1234`](https://github.com/acme/shop/commit/abc1234def5678900000000000000000000000aa) failed. The build failed at \\[3/4\\] RUN npm run build: the command ended with code 2.',
      'Fix it and push, or set `build.dockerfile`. [Log](https://kosuke.ai/logs/log-7)',
      '<details><summary>The end of the log</summary>',
      '```\nsrc/a.ts(1,1): error TS1005\nnpm ERR! code 2\n```',
      '</details>',
    ),
  ],
  'the version is live on a port that was found': [
    facts({ preview: { state: 'running' }, latest: live({ notes: [portFoundNote({ port: 80, expected: 3000, exposedPorts: [80, 443] })] }), live: live({ notes: [portFoundNote({ port: 80, expected: 3000, exposedPorts: [80, 443] })] }) }),
    lines(
      '| shop | 🟢 Running | [project-1-feature-a.kosuke.ai](https://project-1-feature-a.kosuke.ai) | [`abc1234`](https://github.com/acme/shop/commit/abc1234def5678900000000000000000000000aa) | 2026-11-23 09:30 UTC |',
      '[`abc1234`](https://github.com/acme/shop/commit/abc1234def5678900000000000000000000000aa) is live, ready in 12 s. [Log](https://kosuke.ai/logs/log-7)',
      'ℹ️ The app listens on port 80, not on 3000, where it was expected: it was started once more with port 80, and the next version of this branch begins with that. The first start is quicker when the app listens on the port in the variable `PORT`, or when the image exposes port 80 alone (what its base image exposes cannot be taken back).',
    ),
  ],
  'the engine is too old for the build': [
    facts({ preview: { state: 'failed' }, latest: deployment({ state: 'error', attempts: 1, failure: { code: 'engine-too-old', fault: 'us', what: 'The engine is too old', why: '', next: '', engineVersion: '20.10.24' } }) }),
    lines(
      '| shop | 🟡 Needs a newer Docker Engine | [project-1-feature-a.kosuke.ai](https://project-1-feature-a.kosuke.ai) | [`abc1234`](https://github.com/acme/shop/commit/abc1234def5678900000000000000000000000aa) | 2026-11-23 09:30 UTC |',
      '[`abc1234`](https://github.com/acme/shop/commit/abc1234def5678900000000000000000000000aa) did not come up, which is not the fault of the repository. It is built again when the Docker Engine here has another version than `20.10.24`, and with `npx kosuke-preview redeploy project-1-feature-a`. The engine is too old.',
      '[Log](https://kosuke.ai/logs/log-7)',
    ),
  ],
  'an error of ours is tried again': [
    facts({ preview: { state: 'failed' }, latest: deployment({ state: 'error', failure: edge, attempts: 1, retryAt: at(300) }) }),
    lines(
      '| shop | 🟡 Trying again | [project-1-feature-a.kosuke.ai](https://project-1-feature-a.kosuke.ai) | [`abc1234`](https://github.com/acme/shop/commit/abc1234def5678900000000000000000000000aa) | 2026-11-23 09:30 UTC |',
      '[`abc1234`](https://github.com/acme/shop/commit/abc1234def5678900000000000000000000000aa) did not come up, which is not the fault of the repository. It is tried again at 2026-11-23 09:35 UTC. The app was started, but Traefik never showed it: connection refused.',
      '[Log](https://kosuke.ai/logs/log-7)',
    ),
  ],
  'a Dockerfile that names a frontend is not built': [
    facts({ preview: { state: 'failed' }, latest: deployment({ state: 'error', failure: tooOld, notes: [{ code: 'syntax-not-honoured', text: 'The line "# syntax=x" is not honoured.' }] }) }),
    lines(
      '| shop | 🟡 Needs a newer Docker Engine | [project-1-feature-a.kosuke.ai](https://project-1-feature-a.kosuke.ai) | [`abc1234`](https://github.com/acme/shop/commit/abc1234def5678900000000000000000000000aa) | 2026-11-23 09:30 UTC |',
      "[`abc1234`](https://github.com/acme/shop/commit/abc1234def5678900000000000000000000000aa) did not come up, which is not the fault of the repository. It is built again when the Docker Engine here has another version than `20.10.24`, and with `npx kosuke-preview redeploy project-1-feature-a`. This server's Docker Engine 20.10.24 is too old for COPY --link: line 4.",
      'Update. [Log](https://kosuke.ai/logs/log-7)',
      'ℹ️ The line "\\# syntax=x" is not honoured.',
    ),
  ],
  'an app crashed and is restarted': [
    facts({ preview: { state: 'waking', crashCount: 2, lastCrashAt: at(900) }, latest: live({ state: 'built', failure: crash, exitCode: 1 }), live: live({ state: 'built', failure: crash, exitCode: 1 }) }),
    lines(
      '| shop | 🟡 Waking | [project-1-feature-a.kosuke.ai](https://project-1-feature-a.kosuke.ai) | [`abc1234`](https://github.com/acme/shop/commit/abc1234def5678900000000000000000000000aa) | 2026-11-23 09:45 UTC |',
      '[`abc1234`](https://github.com/acme/shop/commit/abc1234def5678900000000000000000000000aa) crashed and is started again. The app exited with code 1, and was restarted once before that.',
      '[Log](https://kosuke.ai/logs/log-7)',
      '<details><summary>The end of the log</summary>',
      '```\nError: no database\n```',
      '</details>',
    ),
  ],
  'an app crashed four times': [
    facts({ preview: { state: 'crashed', crashCount: 4, lastCrashAt: at(900) }, latest: live({ state: 'built', failure: crash, exitCode: 1 }), live: live({ state: 'built', failure: crash, exitCode: 1 }) }),
    lines(
      '| shop | 🔴 Crashed | [project-1-feature-a.kosuke.ai](https://project-1-feature-a.kosuke.ai) | [`abc1234`](https://github.com/acme/shop/commit/abc1234def5678900000000000000000000000aa) | 2026-11-23 09:45 UTC |',
      '[`abc1234`](https://github.com/acme/shop/commit/abc1234def5678900000000000000000000000aa) crashed. The app exited with code 1, and was restarted 3 times before that.',
      'Push a fix, or start it again with `npx kosuke-preview wake project-1-feature-a`. [Log](https://kosuke.ai/logs/log-7)',
      '<details><summary>The end of the log</summary>',
      '```\nError: no database\n```',
      '</details>',
    ),
  ],
  'the old version is down while a newer one is built': [
    facts({ preview: { state: 'building' }, latest: newer({ state: 'building' }), live: live({ state: 'built' }) }),
    lines(
      '| shop | 🟡 Building | [project-1-feature-a.kosuke.ai](https://project-1-feature-a.kosuke.ai) | [`abc1234`](https://github.com/acme/shop/commit/abc1234def5678900000000000000000000000aa) | 2026-11-23 09:40 UTC |',
      '[`def5678`](https://github.com/acme/shop/commit/def5678abc1234500000000000000000000000bb) is being built. [Log](https://kosuke.ai/logs/log-8)',
      '[`abc1234`](https://github.com/acme/shop/commit/abc1234def5678900000000000000000000000aa) is being started again. [Log](https://kosuke.ai/logs/log-7)',
    ),
  ],
  'a person put it to sleep': [
    facts({ preview: asleep('person'), latest: live({ state: 'built' }), live: live({ state: 'built' }) }),
    lines(
      '| shop | ⚪ Asleep | [project-1-feature-a.kosuke.ai](https://project-1-feature-a.kosuke.ai) | [`abc1234`](https://github.com/acme/shop/commit/abc1234def5678900000000000000000000000aa) | 2026-11-23 09:30 UTC |',
      'Asleep: somebody put it to sleep. `npx kosuke-preview wake project-1-feature-a` wakes it, and so does the next push.',
    ),
  ],
  'it was put to sleep to make room': [
    facts({ preview: asleep('room'), latest: live({ state: 'built' }), live: live({ state: 'built' }) }),
    lines(
      '| shop | ⚪ Asleep | [project-1-feature-a.kosuke.ai](https://project-1-feature-a.kosuke.ai) | [`abc1234`](https://github.com/acme/shop/commit/abc1234def5678900000000000000000000000aa) | 2026-11-23 09:30 UTC |',
      'Asleep: it was put to sleep to make room, as the one that had not been deployed or woken for the longest time. `npx kosuke-preview wake project-1-feature-a` wakes it, and so does the next push.',
    ),
  ],
  'there is no room for it': [
    facts({ preview: { state: 'queued' }, noRoom: { running: 30, capacity: { count: 30, by: 'MAX_PREVIEWS' }, freeAt: at(300) } }),
    lines(
      '| shop | ⚪ Waiting | [project-1-feature-a.kosuke.ai](https://project-1-feature-a.kosuke.ai) | – | – |',
      'There is no room for it right now: 30 of 30 apps run here (`MAX_PREVIEWS`), and each was deployed or woken too short a time ago to be put to sleep for this one. It is built by itself as soon as there is room, at 2026-11-23 09:35 UTC at the latest unless others come first.',
    ),
  ],
  'there is no room to wake it': [
    facts({ preview: { state: 'asleep' }, noRoom: { running: 1, capacity: { count: 1, by: 'MEMORY_BUDGET' }, freeAt: null }, latest: live({ state: 'built' }), live: live({ state: 'built' }) }),
    lines(
      '| shop | ⚪ Asleep | [project-1-feature-a.kosuke.ai](https://project-1-feature-a.kosuke.ai) | [`abc1234`](https://github.com/acme/shop/commit/abc1234def5678900000000000000000000000aa) | 2026-11-23 09:30 UTC |',
      'There is no room for it right now: 1 of 1 app runs here (`MEMORY_BUDGET`), and each was deployed or woken too short a time ago to be put to sleep for this one. It wakes by itself as soon as there is room.',
    ),
  ],
  'no app may run at all': [
    facts({ preview: { state: 'queued' }, noRoom: { running: 0, capacity: { count: 0, by: 'MEMORY_BUDGET' }, freeAt: null } }),
    lines(
      '| shop | ⚪ Waiting | [project-1-feature-a.kosuke.ai](https://project-1-feature-a.kosuke.ai) | – | – |',
      'There is no room for it right now: no app may run here (`MEMORY_BUDGET`). It is built by itself as soon as there is room.',
    ),
  ],
  'it expired': [
    facts({ url: null, preview: wantsNothing('expired', 'expired') }),
    lines(
      '| shop | ⚪ Expired | – | – | – |',
      'Nothing was pushed, redeployed or woken here for so long (`EXPIRE_AFTER`) that the preview was taken away. It comes back with the next push, or with `npx kosuke-preview redeploy project-1-feature-a`.',
    ),
  ],
  'the App is suspended': [
    facts({ preview: asleep('suspended'), latest: live({ state: 'built' }), live: live({ state: 'built' }) }),
    lines(
      '| shop | ⚪ Asleep | [project-1-feature-a.kosuke.ai](https://project-1-feature-a.kosuke.ai) | [`abc1234`](https://github.com/acme/shop/commit/abc1234def5678900000000000000000000000aa) | 2026-11-23 09:30 UTC |',
      'Asleep while the App is suspended for this account. It wakes when the suspension ends.',
    ),
  ],
  'it wakes': [
    facts({ preview: { state: 'waking' }, latest: live({ state: 'starting', readyAt: null }), live: live({ state: 'starting', readyAt: null }) }),
    lines(
      '| shop | 🟡 Waking | [project-1-feature-a.kosuke.ai](https://project-1-feature-a.kosuke.ai) | [`abc1234`](https://github.com/acme/shop/commit/abc1234def5678900000000000000000000000aa) | 2026-11-23 09:30 UTC |',
      '[`abc1234`](https://github.com/acme/shop/commit/abc1234def5678900000000000000000000000aa) is being started again. [Log](https://kosuke.ai/logs/log-7)',
    ),
  ],
  'the pull request was closed': [
    facts({ ending: { kind: 'removed' }, preview: wantsNothing('pull-request-closed'), latest: live({ state: 'removed', endedAt: at(700) }) }),
    lines(
      '| shop | ⚪ Removed | – | [`abc1234`](https://github.com/acme/shop/commit/abc1234def5678900000000000000000000000aa) | 2026-11-24 09:30 UTC |',
      'Closed: the preview was removed.',
    ),
  ],
  'the pull request was closed and another one keeps the preview': [
    facts({ ending: { kind: 'kept', by: { kind: 'pull', number: 13 } }, preview: { state: 'running' }, latest: live(), live: live() }),
    lines(
      '| shop | 🟢 Running | [project-1-feature-a.kosuke.ai](https://project-1-feature-a.kosuke.ai) | [`abc1234`](https://github.com/acme/shop/commit/abc1234def5678900000000000000000000000aa) | 2026-11-24 09:30 UTC |',
      'Closed: the preview stays, because #13 is open for the same branch.',
    ),
  ],
  'the pull request was closed and pushes keep the preview': [
    facts({ ending: { kind: 'kept', by: { kind: 'branch' } }, preview: { state: 'running' }, latest: live(), live: live() }),
    lines(
      '| shop | 🟢 Running | [project-1-feature-a.kosuke.ai](https://project-1-feature-a.kosuke.ai) | [`abc1234`](https://github.com/acme/shop/commit/abc1234def5678900000000000000000000000aa) | 2026-11-24 09:30 UTC |',
      'Closed: the preview stays, because its branch is deployed on every push.',
    ),
  ],
  'the pull request comes from a fork': [
    facts({ preview: wantsNothing('fork', 'refused') }),
    lines(
      '| shop | ⚪ No preview | – | – | – |',
      'Forks are not run in this version. A maintainer can push the commit to a branch of this repository.',
    ),
  ],
  'the account is not allowed': [
    facts({ preview: wantsNothing('account-not-allowed', 'refused') }),
    lines(
      '| shop | ⚪ No preview | – | – | – |',
      'Previews are not switched on for the account `acme` here. Whoever runs this installation can add it to `ALLOWED_ACCOUNTS`.',
    ),
  ],
  'the branch is one that tools write': [
    facts({ preview: wantsNothing('ignored-branch') }),
    lines(
      '| shop | ⚪ No preview | – | – | – |',
      'Branches that tools write (`gh-pages` and those of the merge queue) get no preview.',
    ),
  ],
  'the branch was deleted': [
    facts({ preview: wantsNothing('branch-deleted') }),
    lines(
      '| shop | ⚪ No preview | – | – | – |',
      'The branch was deleted, and its preview was removed. Restoring the branch brings it back.',
    ),
  ],
  'the repository is gone': [
    facts({ preview: wantsNothing('repository-gone') }),
    lines(
      '| shop | ⚪ No preview | – | – | – |',
      'The repository can no longer be read: it was deleted or moved away, or the App was removed from it. Installing the App on it again brings the preview back.',
    ),
  ],
  'a person removed it': [
    facts({ preview: wantsNothing('removed-by-person') }),
    lines(
      '| shop | ⚪ No preview | – | – | – |',
      'Somebody removed this preview. It comes back with the next push, or with `npx kosuke-preview redeploy project-1-feature-a`.',
    ),
  ],
  'it was left out at first sight': [
    facts({ preview: wantsNothing('left-out') }),
    lines(
      '| shop | ⚪ No preview | – | – | – |',
      'This pull request was open before the App was installed, and there was no room for it then. Its preview comes with the next push, or with `npx kosuke-preview redeploy project-1-feature-a`.',
    ),
  ],
  'nothing has changed since first sight': [
    facts({ preview: wantsNothing('first-sight') }),
    lines(
      '| shop | ⚪ No preview | – | – | – |',
      'The branch has not changed since the App first saw it. A push or a pull request brings a preview.',
    ),
  ],
};

/** The same situations without Traefik: a row has the port of the version that serves, or no address at all. */
const cells: Record<string, [CommentFacts, string]> = {
  'the first version waits': [facts({ url: null, latest: deployment() }), '⚪ Waiting | – '],
  'the first version is being built': [facts({ url: null, preview: { state: 'building' }, latest: deployment({ state: 'building', buildStartedAt: at(60) }) }), '🟡 Building | – '],
  'the first version failed': [facts({ url: null, preview: { state: 'failed' }, latest: deployment({ state: 'failed', failure: failed }) }), '🔴 Failed | – '],
  'the version is live': [facts({ url: 'http://127.0.0.1:23456', preview: { state: 'running' }, latest: live(), live: live() }), '🟢 Running | [127\\.0.0.1:23456](http://127.0.0.1:23456) '],
  'a newer one is built': [
    facts({ url: 'http://127.0.0.1:23456', preview: { state: 'running' }, latest: newer({ state: 'building' }), live: live() }),
    '🟢 Running; a newer version is on its way | [127\\.0.0.1:23456](http://127.0.0.1:23456) ',
  ],
  'it sleeps': [facts({ url: null, preview: asleep('person'), latest: live({ state: 'built' }), live: live({ state: 'built' }) }), '⚪ Asleep | – '],
  'it wakes': [facts({ url: null, preview: { state: 'waking' }, latest: live({ state: 'starting', readyAt: null }), live: live({ state: 'starting', readyAt: null }) }), '🟡 Waking | – '],
  'it crashed': [facts({ url: null, preview: { state: 'crashed', crashCount: 4 }, latest: live({ state: 'built', failure: crash }), live: live({ state: 'built', failure: crash }) }), '🔴 Crashed | – '],
  'the pull request was closed': [facts({ url: null, ending: { kind: 'removed' }, preview: wantsNothing('pull-request-closed') }), '⚪ Removed | – '],
  'the pull request was closed and another one keeps the preview': [
    facts({ url: null, ending: { kind: 'kept', by: { kind: 'pull', number: 13 } }, preview: { state: 'running' }, latest: live(), live: live() }),
    '🟢 Running | – ',
  ],
};

for (const [name, [given, expected]] of Object.entries(cells)) {
  test(`without Traefik, the row of the comment when ${name}`, () => {
    assert.ok(commentText(given).includes(`| shop | ${expected}|`), commentText(given));
  });
}

function lines(...paragraphs: string[]): string {
  return paragraphs.join('\n\n');
}

const head = '<!-- kosuke-preview -->\n| App | State | Preview | Commit | Updated |\n| --- | --- | --- | --- | --- |\n';

for (const [name, [given, expected]] of Object.entries(situations)) {
  test(`the comment when ${name}`, () => {
    assert.equal(commentText(given), `${head}${expected}`);
  });
}

test('the comment of a row with nothing new is the same at another time, so that nothing is edited', () => {
  for (const [given] of Object.values(situations)) {
    if (!given.ending) assert.equal(commentText({ ...given, now: at(1_000_000) }), commentText(given));
  }
});

const evilText = fc.oneof(
  fc.constantFrom(...hostileBranches),
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.constantFrom('</details>', '```\n</details>', '<img src=x onerror=alert(1)>', '[x](javascript:alert(1))', 'see https://evil.example', 'www.evil.example', '\n\n# heading', '| a |\n| - |', '`', '``', '````\n<b>', '\\', '&lt;b&gt;', '$x$', '\u001b]8;;http://evil\u0007x'),
  fc.array(fc.constantFrom('`', '<', '>', '[', ']', '(', ')', '\n', '|', '*', '_', '#', '1', ' ', '@a', '\\', '~', '!', '-', '+', '.', '&', 'http://a.b', 'www.a.b'), { maxLength: 30, size: 'max' }).map((parts) => parts.join('')),
);

test('property: text from outside adds no element, link or mention to the comment', () => {
  const shape = (text: string) => (marked.parse(text, { async: false }).match(/<\/?[a-z][a-z0-9]*/g) ?? []).filter((tag) => !/^<\/?code$/.test(tag));
  const calm = { what: 'a', why: 'b', next: 'c', logTail: 'd' };
  const comment = (text: typeof calm, name: string) =>
    commentText(facts({ appName: name, preview: { state: 'failed' }, latest: deployment({ state: 'failed', failure: { ...failed, ...text } }) }));
  const expected = shape(comment(calm, 'web'));
  fc.assert(
    fc.property(evilText, evilText, evilText, evilText, evilText, (what, why, next, logTail, name) => {
      const filled = { what: `a${what}`, why: `b${why}`, next: `c${next}`, logTail: `d${logTail}` };
      const text = comment(filled, `e${name}`);
      assert.deepEqual(shape(text), expected, text);
      assert.doesNotMatch(text, /@(?!\u200b)/);
    }),
    { numRuns: 500 },
  );
});

test('property: however much went wrong, the comment stays far below the limit of GitHub', () => {
  fc.assert(
    fc.property(fc.constantFrom('`', '<', '@', '|', 'x ', '\n', '🚀', '\u001b[31m', '`a'), fc.integer({ min: 1, max: 60_000 }), (unit, times) => {
      const long = unit.repeat(times);
      const failure: Failure = { ...failed, what: long, why: long, next: long, logTail: long };
      const text = commentText(facts({ preview: { state: 'running' }, appName: long, latest: newer({ state: 'failed', failure }), live: live() }));
      assert.ok(text.length < 40_000, `${text.length}`);
      assert.ok(text.isWellFormed());
    }),
    { numRuns: 60 },
  );
});
