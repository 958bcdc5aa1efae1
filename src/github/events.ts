/**
 * The events that have handlers, each with the actions that do (`null`: it has no actions). Everything else is stored and
 * finished as ignored. `app.yml` subscribes to these; the two of installations GitHub sends by itself.
 */
export const handledEvents = {
  push: null,
  create: null,
  delete: null,
  pull_request: [
    'opened',
    'reopened',
    'synchronize',
    'edited',
    'closed',
    'ready_for_review',
    'converted_to_draft',
    'labeled',
    'unlabeled',
  ],
  repository: ['renamed', 'transferred', 'deleted', 'publicized', 'privatized'],
  installation: ['created', 'deleted', 'suspend', 'unsuspend', 'new_permissions_accepted'],
  installation_repositories: ['added', 'removed'],
} as const satisfies Record<string, readonly string[] | null>;

/** Whether a delivery of this event with this payload is one that a handler acts on. */
export function isHandled(event: string, payload: unknown): boolean {
  if (!Object.hasOwn(handledEvents, event)) return false;
  const actions: readonly string[] | null = handledEvents[event as keyof typeof handledEvents];
  if (actions === null) return true;
  if (typeof payload !== 'object' || payload === null || !('action' in payload)) return false;
  return typeof payload.action === 'string' && actions.includes(payload.action);
}

/** The names that GitHub gives a delivery: its GUID, the same for every attempt, and its event. */
export const guidPattern = /^[\da-z][\da-z-]{0,63}$/i;
export const eventPattern = /^[a-z][a-z\d_]{0,63}$/;
