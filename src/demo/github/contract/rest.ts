import type { JsonObject } from '../types.ts';
import { at, type Checks, checksOf, type Problem, readCut, type RestCut, type RestOperation } from './cut.ts';
import { operationFinder } from './operations.ts';

/** A request as it came, and what it was answered with. */
export type Exchange = {
  method: string;
  /** What follows `/api/v3`, as it was sent. */
  path: string;
  query: URLSearchParams;
  contentType: string | undefined;
  body: SentBody;
  /** It asks whether something changed (`If-None-Match`). */
  conditional: boolean;
  /** null: none of GitHub's, a test made it up. */
  answer: Answer | null;
};

export type SentBody = { kind: 'none' } | { kind: 'json'; value: JsonObject } | { kind: 'unreadable' };
export type Answer = { status: number; contentType: string | undefined; location: string | undefined; text: string };

/** By which name GitHub describes the exchange, and what in it is not as described. */
export type RestCheck = (exchange: Exchange) => { name: string; problems: Problem[] };

/** Holds a REST exchange against the committed description, which is read at the first one, once for the process. */
export const checkExchange: RestCheck = (exchange) => (ready ??= checkAgainst(readCut<RestCut>('rest')))(exchange);

let ready: RestCheck | undefined;

function checkAgainst(cut: RestCut): RestCheck {
  const checks = checksOf(cut);
  const find = operationFinder(cut);
  return (exchange) => {
    const found = find(exchange.method, exchange.path);
    if (!found) return { name: `${exchange.method} ${exchange.path}`, problems: [{ where: 'address', expected: unknownAddress }] };
    const { name, operation, params } = found;
    const problems = [
      ...at('path', checks.problemsOfTexts(operation.path, params)),
      ...at('query', checks.problemsOfTexts(operation.query, Object.fromEntries(exchange.query))),
      ...bodyProblems(checks, operation, exchange),
      ...(exchange.answer ? answerProblems(checks, cut, operation, exchange, exchange.answer) : []),
    ];
    return { name, problems };
  };
}

const unknownAddress = 'one that GitHub describes and the local GitHub serves; after a route was added, run "npm run contract"';

function bodyProblems(checks: Checks, { body: described }: RestOperation, { body: sent, contentType }: Exchange): Problem[] {
  const where = 'request body';
  if (sent.kind === 'unreadable') return [{ where, expected: 'a JSON object' }];
  if (sent.kind === 'none') return described?.required === true ? [{ where, expected: 'a body' }] : [];
  if (described === null) return [{ where, expected: 'no body' }];
  return [...typeProblems('request', contentType), ...at(where, checks.problems(described.schema, sent.value))];
}

/**
 * Besides what is described for an operation there are the answers that GitHub may give to any:
 *
 * | answer | when |
 * |---|---|
 * | 301 302 307 | the repository was renamed or transferred (https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api#follow-redirects) |
 * | 304 | a conditional request, and nothing changed (the same page) |
 * | 400 | the body is not JSON (https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api#invalid-input-parameters) |
 * | 401 403 404 | credentials, permissions, limits (https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api) |
 */
function answerProblems(checks: Checks, { refusal }: RestCut, { answers }: RestOperation, { conditional }: Exchange, answer: Answer): Problem[] {
  const { status, text, location } = answer;
  const where = `answer ${status}`;
  const described = answers[status];
  if (status === 304) return [...(conditional ? [] : [{ where, expected: 'a conditional request before it' }]), ...emptyProblems(where, text)];
  if (described === undefined && ![301, 302, 307, 400, 401, 403, 404].includes(status)) {
    return [{ where, expected: `one of ${Object.keys(answers).join(', ')}` }];
  }
  if (described === null && status < 400) return emptyProblems(where, text);
  const lost = status < 400 && status >= 300 && location === undefined ? [{ where, expected: 'a Location' }] : [];
  return [...lost, ...typeProblems(where, answer.contentType), ...textProblems(checks, described ?? refusal, where, text)];
}

function textProblems(checks: Checks, schema: object, where: string, text: string): Problem[] {
  try {
    return at(where, checks.problems(schema, JSON.parse(text)));
  } catch (error) {
    if (error instanceof SyntaxError) return [{ where, expected: 'JSON' }];
    throw error;
  }
}

function emptyProblems(where: string, text: string): Problem[] {
  return text === '' ? [] : [{ where, expected: 'no body' }];
}

function typeProblems(where: string, contentType: string | undefined): Problem[] {
  return /^application\/json\s*(?:;|$)/.test(contentType ?? '') ? [] : [{ where, expected: `the type application/json, not ${contentType ?? 'none'}` }];
}
