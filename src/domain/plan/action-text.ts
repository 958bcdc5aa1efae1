import type { Action } from './actions.ts';

/** An action in a few words, for a person who wants to know what would be done: `build abc1234`, `start version 7`. */
export function actionText(action: Action): string {
  switch (action.do) {
    case 'queue':
      return `build ${action.sha.slice(0, 7)}`;
    case 'end':
      return `give up version ${action.deploymentId}`;
    case 'retry':
      return `try version ${action.deploymentId} again`;
    case 'ensure-network':
      return 'make its network';
    case 'hold':
    case 'prepare-hold':
      return `keep the host on ${action.to === 'gate' ? 'our own pages' : `version ${action.to}`}`;
    case 'unhold':
      return `lift the hold of version ${action.deploymentId}`;
    case 'start':
      return `start version ${action.deploymentId}`;
    case 'watch':
      return `see whether version ${action.deploymentId} is ready`;
    case 'use-port':
      return `start version ${action.deploymentId} once more, on port ${action.port}`;
    case 'release':
    case 'readopt':
      return `switch to version ${action.deploymentId}`;
    case 'fail':
      return `end version ${action.deploymentId}: it did not come up`;
    case 'down':
      return action.crash ? `start version ${action.deploymentId} again after its crash` : `start version ${action.deploymentId} again`;
    case 'rest':
      return `put version ${action.deploymentId} to sleep`;
    case 'stop-container':
      return 'stop a container';
    case 'remove-container':
      return 'remove a container';
    case 'remove-network':
      return 'remove its network';
    case 'collect-image':
      return `remove the image of version ${action.deploymentId}`;
  }
}
