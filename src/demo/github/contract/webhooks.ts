import { at, checksOf, type Problem, readCut, type WebhookCut } from './cut.ts';

/** A webhook as it is sent. */
export type SentWebhook = { headers: Record<string, string>; body: string };

/** By which name GitHub describes the webhook, and what in it is not as described. */
export type WebhookCheck = (webhook: SentWebhook) => { name: string; problems: Problem[] };

/** Holds a webhook against the committed description, which is read at the first one, once for the process. */
export const checkWebhook: WebhookCheck = (webhook) => (ready ??= checkAgainst(readCut<WebhookCut>('webhooks')))(webhook);

let ready: WebhookCheck | undefined;

/** The same, against any description. */
export function checkAgainst(cut: WebhookCut): WebhookCheck {
  const checks = checksOf(cut);
  return (sent) => {
    const headers = Object.fromEntries(Object.entries(sent.headers).map(([name, value]) => [name.toLowerCase(), value]));
    const payload: unknown = JSON.parse(sent.body);
    const event = headers['x-github-event'] ?? '';
    const action = actionOf(payload);
    const name = `webhook ${event}${action === null ? '' : `.${action}`}`;
    const described = cut.webhooks[[event, action].filter(Boolean).join('-').replaceAll('_', '-')];
    if (!described) return { name, problems: [{ where: 'event', expected: unknownEvent }] };
    return { name, problems: [...at('header', checks.problems(described.headers, headers)), ...at('payload', checks.problems(described.payload, payload))] };
  };
}

const unknownEvent = 'one that GitHub describes; after one was added, run "npm run contract"';

function actionOf(payload: unknown): string | null {
  if (typeof payload !== 'object' || payload === null || !('action' in payload)) return null;
  return typeof payload.action === 'string' ? payload.action : null;
}
