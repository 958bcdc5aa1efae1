import assert from 'node:assert/strict';
import { test } from 'node:test';
import { actionText } from '../../../../src/domain/plan/action-text.ts';
import type { Action } from '../../../../src/domain/plan/actions.ts';

test('each action is said in words, for somebody who knows none of our names', () => {
  const table: [Action, string][] = [
    [{ do: 'queue', sha: 'abc1234def' }, 'build abc1234'],
    [{ do: 'end', deploymentId: 7, state: 'cancelled' }, 'give up version 7'],
    [{ do: 'retry', deploymentId: 7 }, 'try version 7 again'],
    [{ do: 'ensure-network' }, 'make its network'],
    [{ do: 'hold', deploymentId: 7, to: 'gate', must: true }, 'keep the host on our own pages'],
    [{ do: 'prepare-hold', deploymentId: 7, to: 6 }, 'keep the host on version 6'],
    [{ do: 'unhold', deploymentId: 7 }, 'lift the hold of version 7'],
    [{ do: 'start', deploymentId: 7 }, 'start version 7'],
    [{ do: 'watch', deploymentId: 7 }, 'see whether version 7 is ready'],
    [{ do: 'release', deploymentId: 7 }, 'switch to version 7'],
    [{ do: 'readopt', deploymentId: 7 }, 'switch to version 7'],
    [{ do: 'fail', deploymentId: 7, because: 'exited', detail: '' }, 'end version 7: it did not come up'],
    [{ do: 'down', deploymentId: 7, crash: true, waitMs: 0 }, 'start version 7 again after its crash'],
    [{ do: 'down', deploymentId: 7, crash: false, waitMs: 0 }, 'start version 7 again'],
    [{ do: 'rest', deploymentId: 7 }, 'put version 7 to sleep'],
    [{ do: 'stop-container', containerId: 'x' }, 'stop a container'],
    [{ do: 'remove-container', containerId: 'x', graceSeconds: 1 }, 'remove a container'],
    [{ do: 'remove-network' }, 'remove its network'],
    [{ do: 'collect-image', deploymentId: 7, image: 'x' }, 'remove the image of version 7'],
  ];
  for (const [action, text] of table) assert.equal(actionText(action), text);
});
