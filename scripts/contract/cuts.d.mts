import type { Description } from './cut.mjs';

export const contractFolder: string;
export function cuts(): Record<string, string>;
export function description(name: '@octokit/openapi' | '@octokit/openapi-webhooks'): Description;
