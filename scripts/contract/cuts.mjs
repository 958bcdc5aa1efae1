import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { routes } from '../../src/demo/github/rest/table.ts';
import { handledEvents } from '../../src/github/events.ts';
import { corrections } from './corrections.mjs';
import { cutRest, cutWebhooks } from './cut.mjs';
import { lookUp } from './schemas.mjs';
import { shared } from './share.mjs';
import { textOf } from './text.mjs';

const require = createRequire(import.meta.url);

/** Where the cuts are committed, from the root. */
export const contractFolder = 'src/demo/github/contract';

/**
 * The parts of GitHub's own descriptions that our local GitHub serves and our program acts on, as the files that are committed:
 * every route of the local GitHub, every webhook that has a handler, and the few more that the local GitHub sends.
 * @returns {Record<string, string>} file name → text
 */
export function cuts() {
  return {
    'rest.json': textOf(shared(cutRest(description('@octokit/openapi'), routes.map(operationOf)))),
    'webhooks.json': textOf(shared(cutWebhooks(description('@octokit/openapi-webhooks'), webhookNames()))),
  };
}

/**
 * GitHub's description of api.github.com in a package, corrected.
 * @throws {Error} when there is nothing any more to correct
 * @param {'@octokit/openapi' | '@octokit/openapi-webhooks'} name
 */
export function description(name) {
  const document = JSON.parse(readFileSync(require.resolve(`${name}/generated/api.github.com.json`), 'utf8'));
  for (const { at, is } of corrections[name]) {
    lookUp(document, at);
    const cut = at.lastIndexOf('/');
    lookUp(document, at.slice(0, cut))[at.slice(cut + 1)] = is;
  }
  return { document, from: `${name} ${document.info.version}` };
}

function operationOf({ method, template }) {
  return `${method} ${template.replace('+}', '}')}`;
}

function webhookNames() {
  const events = { ...handledEvents, ...onlySent };
  return Object.entries(events).flatMap(([event, actions]) => (actions === null ? [event] : actions.map((action) => `${event}-${action}`)))
    .map((name) => name.replaceAll('_', '-'));
}

/** What the local GitHub sends although nothing handles it. */
const onlySent = { ping: null, issue_comment: ['created', 'edited', 'deleted'] };
