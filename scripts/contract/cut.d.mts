import type { RestCut, WebhookCut } from '../../src/demo/github/contract/cut.ts';

export interface Description {
  document: object;
  from: string;
}
export function cutRest(description: Description, operations: string[]): RestCut;
export function cutWebhooks(description: Description, names: string[], options?: { closed?: boolean }): WebhookCut;
export function allWebhooks(description: Description): string[];
