import type { IncomingMessage } from 'node:http';
import type { Places } from './places.ts';

/** `release` gives the body's place back, when it is needed no longer. */
export type Body = { kind: 'whole'; bytes: Buffer; release(): void } | { kind: 'too-large' } | { kind: 'too-slow' } | { kind: 'busy' } | { kind: 'gone' };

export type BodyLimits = {
  maxBytes: number;
  /** For the whole body. */
  timeoutMs: number;
  /** Least bytes in each span of `spanMs` but the first, so that who holds a place pays for it. */
  pace?: { bytes: number; spanMs: number };
  places: Places;
};

/**
 * Reads a request's body, at most `maxBytes` of it, within `timeoutMs`. Whoever gets the bytes releases them; in every other outcome
 * nothing is kept. `gone`: the client hung up. `busy`: there is no place for it, or another needed its place. After `too-large`,
 * `too-slow` and `busy` the rest of the body has not been read.
 */
export function readBody(request: IncomingMessage, { maxBytes, timeoutMs, pace, places }: BodyLimits): Promise<Body> {
  return new Promise((resolve) => {
    const place = places.enter(() => settle({ kind: 'busy' }));
    if (place === null) return resolve({ kind: 'busy' });
    const chunks: Buffer[] = [];
    let length = 0;
    let expected = 0;

    const settle = (body: Body) => {
      clearTimeout(timer);
      clearInterval(pacer);
      request.off('data', onData).off('end', onEnd).off('close', onGone).off('error', onGone);
      if (body.kind !== 'whole') place.leave();
      resolve(body);
    };
    const onData = (chunk: Buffer) => {
      length += chunk.length;
      if (length > maxBytes) return settle({ kind: 'too-large' });
      if (!place.take(chunk.length)) return settle({ kind: 'busy' });
      chunks.push(chunk);
    };
    const onEnd = () => {
      place.arrived();
      settle({ kind: 'whole', bytes: Buffer.concat(chunks, length), release: place.leave });
    };
    const onGone = () => settle({ kind: 'gone' });
    const onSpan = (bytes: number) => {
      if (length < expected) return settle({ kind: 'too-slow' });
      expected = length + bytes;
    };
    const timer = setTimeout(() => settle({ kind: 'too-slow' }), timeoutMs);
    const pacer = pace && setInterval(onSpan, pace.spanMs, pace.bytes);

    request.on('data', onData).once('end', onEnd).once('close', onGone).once('error', onGone);
  });
}

/**
 * Reads on and throws away what a client still sends, so that it gets to see an answer that was given early: at most `maxBytes` and
 * for at most `timeoutMs`. Never rejects.
 */
export function drain(request: IncomingMessage, limits: { maxBytes: number; timeoutMs: number }): Promise<void> {
  if (request.complete || request.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    let length = 0;
    const settle = () => {
      clearTimeout(timer);
      request.off('data', onData).off('end', settle).off('close', settle);
      resolve();
    };
    const onData = (chunk: Buffer) => {
      length += chunk.length;
      if (length > limits.maxBytes) settle();
    };
    const timer = setTimeout(settle, limits.timeoutMs);
    request.on('data', onData).once('end', settle).once('close', settle);
    request.resume();
  });
}
