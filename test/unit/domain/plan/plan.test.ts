import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Action } from '../../../../src/domain/plan/actions.ts';
import { plan } from '../../../../src/domain/plan/plan.ts';
import { asleep, begin, container, deployment, emptyModel, failure, nothing, running, type Model } from './model.ts';

const later = new Date(begin.getTime() + 10_000);
const model = (change: Partial<Model>): Model => ({ ...emptyModel(), now: later, network: true, ...change });
const ready = new Map([[2, { kind: 'ready', wantsTls: false } as const]]);
const old = deployment(1, 'old', 'live');
const tooOld = { ...failure, code: 'engine-too-old', fault: 'us', engineVersion: '20.10.24' } as const;
const unfit = (id: number) => ({ ...container(id), fits: false });

const table: [string, Model, Action[]][] = [
  ['a new commit is queued, its network made at once', model({ wanted: running('new'), network: false }), [{ do: 'queue', sha: 'new' }, { do: 'ensure-network' }]],
  ['while the first version builds: the host is on the gate in good time', model({ wanted: running('new'), deployments: [deployment(2, 'new', 'building')] }), [{ do: 'prepare-hold', deploymentId: 2, to: 'gate' }]],
  ['while a version builds: the host is held on the one that serves', model({ wanted: running('new'), liveDeploymentId: 1, deployments: [deployment(2, 'new', 'building'), old], containers: [container(1)] }), [{ do: 'prepare-hold', deploymentId: 2, to: 1 }]],
  ['while it builds nothing more is done', model({ wanted: running('new'), deployments: [deployment(2, 'new', 'building')], holds: [{ deploymentId: 2, to: 'gate' }] }), []],
  ['the old one dies while the new one builds: its own hold must be above, so the newer one goes', model({ wanted: running('new'), liveDeploymentId: 1, deployments: [deployment(2, 'new', 'building'), old], containers: [container(1, 'exited', later)], holds: [{ deploymentId: 2, to: 1 }] }), [
    { do: 'unhold', deploymentId: 2 },
    { do: 'down', deploymentId: 1, crash: true, waitMs: 0 },
  ]],
  ['built, nothing serves: held on the gate, then started', model({ wanted: running('new'), deployments: [deployment(2, 'new', 'built')] }), [
    { do: 'hold', deploymentId: 2, to: 'gate', must: true },
    { do: 'start', deploymentId: 2 },
  ]],
  ['built, the old one serves: held on the old one', model({ wanted: running('new'), liveDeploymentId: 1, deployments: [deployment(2, 'new', 'built'), old], containers: [container(1)] }), [
    { do: 'hold', deploymentId: 2, to: 1, must: true },
    { do: 'start', deploymentId: 2 },
  ]],
  ['the old one dies while the new one starts: the hold goes to the gate, the old one is not started', model({ wanted: running('new'), liveDeploymentId: 1, deployments: [deployment(2, 'new', 'starting'), old], containers: [container(2), container(1, 'exited', later)], holds: [{ deploymentId: 2, to: 1 }], verdicts: new Map([[2, { kind: 'waiting' }]]) }), [
    { do: 'hold', deploymentId: 2, to: 'gate', must: true },
    { do: 'down', deploymentId: 1, crash: true, waitMs: 0 },
  ]],
  ['started before a restart of the program: probed again', model({ wanted: running('new'), deployments: [deployment(2, 'new', 'starting')], containers: [container(2)], holds: [{ deploymentId: 2, to: 'gate' }] }), [{ do: 'watch', deploymentId: 2 }]],
  ['killed between create and start: held and started', model({ wanted: running('new'), deployments: [deployment(2, 'new', 'starting')], containers: [container(2, 'created')] }), [
    { do: 'hold', deploymentId: 2, to: 'gate', must: true },
    { do: 'start', deploymentId: 2 },
  ]],
  ['ready: released', model({ wanted: running('new'), deployments: [deployment(2, 'new', 'starting')], containers: [container(2)], holds: [{ deploymentId: 2, to: 'gate' }], verdicts: ready }), [{ do: 'release', deploymentId: 2 }]],
  ...([['ready', container(1), ready], ['down', container(1, 'exited', later), new Map([[2, { kind: 'ready', wantsTls: false } as const]])]] as const).map(([name, one, verdicts]): [string, Model, Action[]] => [
    `ready while the one that it replaces is ${name} after a wake or a crash: released alone, for nothing brings back what it supersedes`,
    model({ wanted: running('new'), liveDeploymentId: 1, deployments: [deployment(2, 'new', 'starting'), deployment(1, 'old', 'starting')], containers: [container(2), one], holds: [{ deploymentId: 2, to: 'gate' }, { deploymentId: 1, to: 'gate' }], verdicts: new Map([...verdicts, [1, { kind: 'ready', wantsTls: false } as const]]) }),
    [{ do: 'release', deploymentId: 2 }],
  ]),
  ['failed while the live one crashed: what it left goes first, for its hold leads to the version that is to be started', model({ wanted: running('new'), liveDeploymentId: 1, crashCount: 1, lastCrashAt: later, deployments: [deployment(2, 'new', 'failed', { image: 'i' }), deployment(1, 'old', 'built')], containers: [container(2, 'exited', later), container(1, 'exited', later)], holds: [{ deploymentId: 2, to: 1 }] }), [
    { do: 'remove-container', containerId: 'c2', graceSeconds: 1 },
  ]],
  ['an error of ours while the live one crashed: the same', model({ wanted: running('new'), liveDeploymentId: 1, crashCount: 1, lastCrashAt: later, deployments: [deployment(2, 'new', 'error', { retryAt: new Date(later.getTime() + 60_000) }), deployment(1, 'old', 'built')], containers: [container(1, 'exited', later)], holds: [{ deploymentId: 2, to: 1 }] }), [
    { do: 'unhold', deploymentId: 2 },
  ]],
  ['exited before it was ready: failed', model({ wanted: running('new'), deployments: [deployment(2, 'new', 'starting')], containers: [container(2, 'exited', later)] }), [{ do: 'fail', deploymentId: 2, because: 'exited', detail: '' }]],
  ['never ready: failed, by the app or by the edge', model({ wanted: running('new'), deployments: [deployment(2, 'new', 'starting')], containers: [container(2)], verdicts: new Map([[2, { kind: 'not-ready', fault: 'edge', detail: 'x' }]]) }), [{ do: 'fail', deploymentId: 2, because: 'edge', detail: 'x' }]],
  ['listens on another port: the same again with that one, behind the hold that stands', model({ wanted: running('new'), liveDeploymentId: 1, deployments: [deployment(2, 'new', 'starting'), old], containers: [container(2), container(1)], holds: [{ deploymentId: 2, to: 1 }], verdicts: new Map([[2, { kind: 'elsewhere', port: 80 }]]) }), [
    { do: 'use-port', deploymentId: 2, port: 80 },
  ]],
  ['the engine is too old for its build: nothing, however long it takes', model({ wanted: running('new'), now: new Date(later.getTime() + 86_400_000), deployments: [deployment(2, 'new', 'error', { image: null, failure: tooOld })] }), []],
  ['the engine is too old, and its version is not known yet: nothing', model({ wanted: running('new'), engineVersion: null, deployments: [deployment(2, 'new', 'error', { image: null, failure: tooOld })] }), []],
  ['the engine was too old and has another version now: tried again', model({ wanted: running('new'), engineVersion: '28.5.2', deployments: [deployment(2, 'new', 'error', { image: null, failure: tooOld })] }), [{ do: 'retry', deploymentId: 2 }]],
  ['failed: container, hold, image go; the old one stays', model({ wanted: running('new'), liveDeploymentId: 1, deployments: [deployment(2, 'new', 'failed', { image: 'i' }), old], containers: [container(2), container(1)], holds: [{ deploymentId: 2, to: 1 }] }), [
    { do: 'remove-container', containerId: 'c2', graceSeconds: 1 },
  ]],
  ['failed, its container gone: its hold and image go', model({ wanted: running('new'), liveDeploymentId: 1, deployments: [deployment(2, 'new', 'failed', { image: 'i' }), old], containers: [container(1)], holds: [{ deploymentId: 2, to: 1 }] }), [
    { do: 'unhold', deploymentId: 2 },
    { do: 'collect-image', deploymentId: 2, image: 'i' },
  ]],
  ['the host is on the new version already, but the row does not say so: released again', model({ wanted: running('new'), liveDeploymentId: 1, deployments: [deployment(2, 'new', 'live'), old], containers: [container(2), container(1)] }), [{ do: 'release', deploymentId: 2 }]],
  ['back to the live commit while a newer version starts: nothing of the live one is touched before the newer hold is gone', model({ wanted: running('old'), liveDeploymentId: 1, deployments: [deployment(2, 'new', 'starting'), deployment(1, 'old', 'built')], containers: [container(2)], holds: [{ deploymentId: 2, to: 'gate' }] }), [{ do: 'end', deploymentId: 2, state: 'cancelled' }]],
  ['a candidate that the engine stopped while nobody watched is started again, not blamed', model({ wanted: running('new'), watchingSince: later, deployments: [deployment(2, 'new', 'starting')], containers: [container(2, 'exited', begin)] }), [{ do: 'down', deploymentId: 2, crash: false, waitMs: 0 }]],
  ['a container that exited before its last start is started, not blamed', model({ wanted: running('new'), watchingSince: new Date(begin.getTime() - 1), deployments: [deployment(2, 'new', 'starting', { startedAt: later })], containers: [container(2, 'exited', begin)] }), [{ do: 'down', deploymentId: 2, crash: false, waitMs: 0 }]],
  ['a live version that somebody killed through the engine is brought up at once and counts as no crash, however often', model({ wanted: running('old'), liveDeploymentId: 1, crashCount: 2, lastCrashAt: later, deployments: [old], containers: [{ ...container(1, 'exited', later), killedAt: later }] }), [{ do: 'down', deploymentId: 1, crash: false, waitMs: 0 }]],
  ['one that was killed before its last start, and exits by itself, crashed', model({ wanted: running('old'), liveDeploymentId: 1, deployments: [old], containers: [{ ...container(1, 'exited', later), killedAt: begin, startedAt: new Date(begin.getTime() + 1) }] }), [{ do: 'down', deploymentId: 1, crash: true, waitMs: 0 }]],
  ['one that was told to end long before it exits crashed', model({ wanted: running('old'), now: new Date(begin.getTime() + 400_000), liveDeploymentId: 1, deployments: [old], containers: [{ ...container(1, 'exited', new Date(begin.getTime() + 400_000)), killedAt: begin }] }), [{ do: 'down', deploymentId: 1, crash: true, waitMs: 0 }]],
  ['a candidate that somebody killed is started again, not blamed', model({ wanted: running('new'), deployments: [deployment(2, 'new', 'starting')], containers: [{ ...container(2, 'exited', later), killedAt: later }] }), [{ do: 'down', deploymentId: 2, crash: false, waitMs: 0 }]],
  ['failed and nothing else: the network goes too', model({ wanted: running('new'), deployments: [deployment(2, 'new', 'failed')] }), [{ do: 'remove-network' }]],
  ['a newer push: the older build is cancelled', model({ wanted: running('new'), deployments: [deployment(1, 'old', 'building')] }), [
    { do: 'end', deploymentId: 1, state: 'cancelled' },
    { do: 'queue', sha: 'new' },
  ]],
  ['superseded: it may finish what it is answering', model({ wanted: running('new'), liveDeploymentId: 2, deployments: [deployment(2, 'new', 'live'), deployment(1, 'old', 'superseded', { endedAt: later, image: null })], containers: [container(2), container(1)] }), []],
  ['superseded, and its address goes with it: it stays longer', model({ drainMs: 15_000, now: new Date(later.getTime() + 14_999), wanted: running('new'), liveDeploymentId: 2, deployments: [deployment(2, 'new', 'live'), deployment(1, 'old', 'superseded', { endedAt: later, image: null })], containers: [container(2), container(1)] }), []],
  ['superseded while the program ended: it may finish after the restart', model({ now: new Date(later.getTime() + 60_000), watchingSince: new Date(later.getTime() + 55_001), wanted: running('new'), liveDeploymentId: 2, deployments: [deployment(2, 'new', 'live'), deployment(1, 'old', 'superseded', { endedAt: later, image: null })], containers: [container(2), container(1)] }), []],
  ['superseded and drained: it goes', model({ now: new Date(later.getTime() + 5_000), wanted: running('new'), liveDeploymentId: 2, deployments: [deployment(2, 'new', 'live'), deployment(1, 'old', 'superseded', { endedAt: later, image: null })], containers: [container(2), container(1)] }), [{ do: 'remove-container', containerId: 'c1', graceSeconds: 10 }]],
  ['superseded by a clock that was two hours ahead and is right again: it goes', model({ now: later, wanted: running('new'), liveDeploymentId: 2, deployments: [deployment(2, 'new', 'live'), deployment(1, 'old', 'superseded', { endedAt: new Date(later.getTime() + 7_200_000), image: null })], containers: [container(2), container(1)] }), [{ do: 'remove-container', containerId: 'c1', graceSeconds: 10 }]],
  ['made for another way of being reached: its container goes, and the version gets another one', model({ wanted: running('old'), liveDeploymentId: 1, deployments: [old], containers: [unfit(1)] }), [{ do: 'remove-container', containerId: 'c1', graceSeconds: 1 }]],
  ['the same on its way to being served', model({ wanted: running('new'), deployments: [deployment(2, 'new', 'starting')], containers: [unfit(2)], holds: [{ deploymentId: 2, to: 'gate' }], verdicts: new Map([[2, { kind: 'waiting' }]]) }), [{ do: 'remove-container', containerId: 'c2', graceSeconds: 1 }]],
  ['the same while it sleeps', model({ wanted: asleep('old'), liveDeploymentId: 1, deployments: [deployment(1, 'old', 'built')], containers: [{ ...unfit(1), status: 'exited' }] }), [{ do: 'remove-container', containerId: 'c1', graceSeconds: 1 }]],
  ['a crash: restarted at once', model({ wanted: running('old'), liveDeploymentId: 1, deployments: [old], containers: [container(1, 'exited', later)] }), [{ do: 'down', deploymentId: 1, crash: true, waitMs: 0 }]],
  ['a second crash: after 10 s', model({ wanted: running('old'), liveDeploymentId: 1, crashCount: 1, lastCrashAt: begin, deployments: [old], containers: [container(1, 'exited', later)] }), [{ do: 'down', deploymentId: 1, crash: true, waitMs: 10_000 }]],
  ['a fourth crash: left to a person', model({ wanted: running('old'), liveDeploymentId: 1, crashCount: 3, lastCrashAt: begin, deployments: [old], containers: [container(1, 'exited', later)] }), [{ do: 'down', deploymentId: 1, crash: true, waitMs: null }]],
  ['an hour of health forgets earlier crashes', model({ wanted: running('old'), liveDeploymentId: 1, crashCount: 3, lastCrashAt: new Date(begin.getTime() - 3_600_000), deployments: [old], containers: [container(1, 'exited', later)] }), [{ do: 'down', deploymentId: 1, crash: true, waitMs: 0 }]],
  ['crashed twice: waits for its time', model({ wanted: running('old'), liveDeploymentId: 1, crashCount: 2, deployments: [deployment(1, 'old', 'built', { retryAt: new Date(later.getTime() + 1) })], containers: [container(1, 'exited', begin)] }), []],
  ['crashed twice, and a person wakes it: started at once', model({ wanted: running('old'), liveDeploymentId: 1, crashCount: 0, deployments: [deployment(1, 'old', 'built', { retryAt: new Date(later.getTime() + 1) })], containers: [container(1, 'exited', begin)] }), [{ do: 'hold', deploymentId: 1, to: 'gate', must: true }, { do: 'start', deploymentId: 1 }]],
  ['crashed four times: nothing is started', model({ wanted: running('old'), liveDeploymentId: 1, crashCount: 4, deployments: [deployment(1, 'old', 'built')], containers: [container(1, 'exited', later)] }), []],
  ['exited while nobody watched (a reboot): started, not counted', model({ wanted: running('old'), liveDeploymentId: 1, watchingSince: later, deployments: [old], containers: [container(1, 'exited', begin)] }), [{ do: 'down', deploymentId: 1, crash: false, waitMs: 0 }]],
  ['its container was removed by hand: started anew, not counted', model({ wanted: running('old'), liveDeploymentId: 1, deployments: [old] }), [{ do: 'down', deploymentId: 1, crash: false, waitMs: 0 }]],
  ['put to sleep: gate first, then stopped, then released', model({ wanted: asleep('old'), liveDeploymentId: 1, deployments: [old], containers: [container(1)] }), [
    { do: 'rest', deploymentId: 1 },
    { do: 'hold', deploymentId: 1, to: 'gate', must: false },
    { do: 'stop-container', containerId: 'c1' },
  ]],
  ['asleep, its container stopped: released', model({ wanted: asleep('old'), liveDeploymentId: 1, deployments: [deployment(1, 'old', 'built')], containers: [container(1, 'exited', later)], holds: [{ deploymentId: 1, to: 'gate' }] }), [{ do: 'unhold', deploymentId: 1 }]],
  ['woken: the same as a restart', model({ wanted: running('old'), liveDeploymentId: 1, deployments: [deployment(1, 'old', 'built')], containers: [container(1, 'exited', later)] }), [
    { do: 'hold', deploymentId: 1, to: 'gate', must: true },
    { do: 'start', deploymentId: 1 },
  ]],
  ['closed: gate first, then everything goes', model({ wanted: nothing(), liveDeploymentId: 1, deployments: [deployment(2, 'new', 'building'), old], containers: [container(1)] }), [
    { do: 'end', deploymentId: 2, state: 'cancelled' },
    { do: 'end', deploymentId: 1, state: 'removed' },
    { do: 'hold', deploymentId: 1, to: 'gate', must: false },
    { do: 'remove-container', containerId: 'c1', graceSeconds: 10 },
  ]],
  ['closed, its container gone: hold and network go', model({ wanted: nothing(), liveDeploymentId: 1, deployments: [deployment(1, 'old', 'removed', { image: null })], holds: [{ deploymentId: 1, to: 'gate' }] }), [
    { do: 'unhold', deploymentId: 1 },
    { do: 'remove-network' },
  ]],
  ['an error of ours: nothing stays of the attempt', model({ wanted: running('new'), deployments: [deployment(2, 'new', 'error', { retryAt: new Date(later.getTime() + 1) })], containers: [container(2)], holds: [{ deploymentId: 2, to: 'gate' }] }), [
    { do: 'remove-container', containerId: 'c2', graceSeconds: 1 },
  ]],
  ['an error of ours: taken up again when its time has come', model({ wanted: running('new'), deployments: [deployment(2, 'new', 'error', { retryAt: later })] }), [{ do: 'retry', deploymentId: 2 }]],
];

describe('the plan', () => {
  for (const [name, given, expected] of table) test(name, () => assert.deepEqual(plan(given).actions, expected));

  test('says when time alone will change it', () => {
    const retryAt = new Date(later.getTime() + 700);
    assert.deepEqual(plan(model({ wanted: running('new'), deployments: [deployment(2, 'new', 'error', { retryAt })] })).lookAgainAt, retryAt);
  });
});
