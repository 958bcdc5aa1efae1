import type { IncomingMessage } from 'node:http';

export type Body = { kind: 'whole'; bytes: Buffer } | { kind: 'too-large' } | { kind: 'too-slow' } | { kind: 'busy' } | { kind: 'gone' };

/** Counts the bytes that all requests under way hold in memory together. */
export type Room = { take(bytes: number): boolean; give(bytes: number): void };

export function createRoom(maxBytes: number): Room {
  let taken = 0;
  return {
    take(bytes) {
      if (taken + bytes > maxBytes) return false;
      taken += bytes;
      return true;
    },
    give(bytes) {
      taken -= bytes;
    },
  };
}

/**
 * Reads a request's body, at most `maxBytes` of it, within `timeoutMs`. Whoever gets the bytes gives them back to `room`; in every
 * other outcome nothing is kept. `gone`: the client hung up. After `too-large` and `busy` the rest of the body has not been read.
 */
export function readBody(request: IncomingMessage, limits: { maxBytes: number; timeoutMs: number; room: Room }): Promise<Body> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let length = 0;
    let taken = 0;

    const settle = (body: Body) => {
      clearTimeout(timer);
      request.off('data', onData).off('end', onEnd).off('close', onGone).off('error', onGone);
      if (body.kind !== 'whole') limits.room.give(taken);
      resolve(body);
    };
    const onData = (chunk: Buffer) => {
      length += chunk.length;
      if (length > limits.maxBytes) return settle({ kind: 'too-large' });
      if (!limits.room.take(chunk.length)) return settle({ kind: 'busy' });
      taken += chunk.length;
      chunks.push(chunk);
    };
    const onEnd = () => settle({ kind: 'whole', bytes: Buffer.concat(chunks, length) });
    const onGone = () => settle({ kind: 'gone' });
    const timer = setTimeout(() => settle({ kind: 'too-slow' }), limits.timeoutMs);

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
