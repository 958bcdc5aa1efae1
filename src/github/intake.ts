import { isUtf8 } from 'node:buffer';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { verify } from '@octokit/webhooks-methods';
import type { Logger } from 'pino';
import type { Clock } from '../reconcile/ports/clock.ts';
import type { Deliveries } from '../reconcile/ports/store.ts';
import { type Answer, answerEarly, answerRead } from './answer.ts';
import { type Body, type BodyLimits, readBody } from './body.ts';
import { eventPattern, guidPattern, isHandled } from './events.ts';
import { roomOf, seatsOf } from './places.ts';
import { within } from './within.ts';

export type IntakeOptions = {
  /** The webhook secret of the App. */
  secret: string;
  /** Storing one wakes the loop that hands it on. */
  deliveries: Deliveries;
  clock: Clock;
  log: Logger;
  /** Largest body that is taken, in bytes; GitHub never sends more than 25 MB. */
  maxBytes?: number;
  /** Bodies that say that they are no larger are held apart from the others, so that large ones never keep them out. */
  smallBytes?: number;
  /** How long a body may take to arrive, in ms; GitHub itself hangs up after 10 s. */
  bodyTimeoutMs?: number;
  /** Every span of a larger body but the first has to bring 64 KiB a second. */
  paceSpanMs?: number;
  /** How long storing may take, in ms, so that the answer still reaches GitHub. */
  storeTimeoutMs?: number;
  /** Counts those with a right signature that are being stored just now. */
  storing?: { now: number };
};

/**
 * Takes in webhooks (POST /api/github/webhooks): checks size, type and signature, stores the delivery by its GUID, then answers.
 * Nothing is done with it here.
 *
 * | answer | when |
 * |---|---|
 * | 202 | stored |
 * | 200 | the GUID is known already; or nothing handles the event or action: stored, and ignored |
 * | 400 | the headers are not GitHub's, or the body is not a JSON object |
 * | 401 | signature missing or wrong |
 * | 405 413 415 408 | not POST; larger than `maxBytes`; not application/json; slower than `bodyTimeoutMs` or, when large, than its pace |
 * | 503 | the database did not take it, or too many bodies at once: send it again (`Retry-After`) |
 */
export function createIntake(options: IntakeOptions): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const { maxBytes = 25 * mebibyte, bodyTimeoutMs = 10_000, log } = options;
  const limitsOf = bodyLimits(options, maxBytes, bodyTimeoutMs);
  const drainLimits = { maxBytes: 4 * maxBytes, timeoutMs: bodyTimeoutMs };

  return async (request, response) => {
    const refused = refusal(request, maxBytes);
    if (refused) return answerEarly(request, response, refused, drainLimits);

    const body = await readBody(request, limitsOf(request));
    if (body.kind === 'gone') return void response.destroy();
    if (body.kind !== 'whole') {
      const answer = notRead(body.kind, maxBytes);
      return answerEarly(request, response, answer, body.kind === 'too-slow' ? { ...drainLimits, timeoutMs: 500 } : drainLimits);
    }
    try {
      answerRead(response, await take(options, request, body.bytes));
    } catch (error) {
      log.error({ err: error, guid: request.headers['x-github-delivery'] }, 'A webhook could not be stored; it was answered with 503');
      answerRead(response, unavailable('The delivery could not be stored. Send it again.'));
    } finally {
      body.release();
    }
  };
}

/** Small bodies (nearly all that GitHub sends) have seats of their own; the others share a room and keep a pace. */
function bodyLimits({ smallBytes = mebibyte, paceSpanMs = 2_000 }: IntakeOptions, maxBytes: number, timeoutMs: number): (request: IncomingMessage) => BodyLimits {
  const pace = { bytes: (64 * 1024 * paceSpanMs) / 1000, spanMs: paceSpanMs };
  const small: BodyLimits = { maxBytes: Math.min(smallBytes, maxBytes), timeoutMs, places: seatsOf(64) };
  const large: BodyLimits = { maxBytes, timeoutMs, pace, places: roomOf(4 * maxBytes) };
  return ({ headers }) => (Number(headers['content-length'] ?? Infinity) <= small.maxBytes ? small : large);
}

/** What can be refused by the headers alone. */
function refusal(request: IncomingMessage, maxBytes: number): Answer | null {
  if (request.method !== 'POST') {
    return { status: 405, body: { error: 'Webhooks are sent here by POST.' }, headers: { allow: 'POST' } };
  }
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) return notRead('too-large', maxBytes);
  if (!/^application\/json\s*(?:;|$)/i.test(request.headers['content-type'] ?? '')) {
    return {
      status: 415,
      body: { error: 'Only application/json is taken. Set "Content type" of the webhook to application/json in the settings of the GitHub App.' },
    };
  }
  if (!/^sha256=[\da-f]{64}$/.test(String(request.headers['x-hub-signature-256']))) return unsigned;
  return null;
}

function notRead(kind: Exclude<Body['kind'], 'whole' | 'gone'>, maxBytes: number): Answer {
  switch (kind) {
    case 'too-large':
      return { status: 413, body: { error: `The body is larger than ${maxBytes} bytes, more than GitHub ever sends.` } };
    case 'too-slow':
      return { status: 408, body: { error: 'The body took too long to arrive.' } };
    case 'busy':
      return unavailable('Too many deliveries arrive at once. Send it again.');
  }
}

function unavailable(error: string): Answer {
  return { status: 503, body: { error }, headers: { 'retry-after': '10' } };
}

async function take(options: IntakeOptions, request: IncomingMessage, bytes: Buffer): Promise<Answer> {
  const body = bytes.toString('utf8');
  // The signature is made over text: bytes that are not UTF-8, which GitHub never sends, would be checked as other ones.
  const readable = bytes.length > 0 && isUtf8(bytes);
  if (!readable || !(await verify(options.secret, body, String(request.headers['x-hub-signature-256'])))) {
    options.log.warn({ guid: request.headers['x-github-delivery'] }, 'A webhook with a wrong signature was refused');
    return unsigned;
  }

  const guid = request.headers['x-github-delivery'];
  if (typeof guid !== 'string' || !guidPattern.test(guid)) return bad('The header X-GitHub-Delivery is missing or is not a GUID.');
  const event = request.headers['x-github-event'];
  if (typeof event !== 'string' || !eventPattern.test(event)) return bad('The header X-GitHub-Event is missing or is not the name of an event.');
  const payload = parseObject(body);
  if (payload === null) return bad('The body is not a JSON object.');

  const { storing = { now: 0 } } = options;
  storing.now += 1;
  try {
    return await store(options, { guid, event, body, handled: isHandled(event, payload) });
  } finally {
    storing.now -= 1;
  }
}

const unsigned: Answer = {
  status: 401,
  body: {
    error: 'The signature in X-Hub-Signature-256 is missing or does not match. Set the same webhook secret here and in the GitHub App.',
  },
};

function bad(error: string): Answer {
  return { status: 400, body: { error } };
}

function parseObject(text: string): object | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

async function store(options: IntakeOptions, delivery: { guid: string; event: string; body: string; handled: boolean }): Promise<Answer> {
  const { deliveries, clock, log, storeTimeoutMs = 7_000 } = options;
  const { guid, event, body, handled } = delivery;

  const added = await within(storeTimeoutMs, deliveries.add({ guid, event, body, receivedAt: clock.now() }), 'storing a delivery');
  if (added === 'seen') return { status: 200, body: { status: 'seen before' } };
  if (handled) return { status: 202, body: { status: 'stored' } };
  try {
    await within(finishTimeoutMs, deliveries.finish(guid, 'ignored', clock.now()), 'finishing an ignored delivery');
  } catch (error) {
    log.warn({ err: error, guid, event }, 'A webhook that nothing handles is stored, and finished when the loop comes to it');
  }
  return { status: 200, body: { status: 'ignored' } };
}

const finishTimeoutMs = 1_000;
const mebibyte = 1024 * 1024;
