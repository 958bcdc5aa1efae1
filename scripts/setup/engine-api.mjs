import { request } from 'node:http';
import { SetupFailure } from './failure.mjs';

/**
 * Where the engine listens, from DOCKER_HOST or its usual socket.
 * @param {string | undefined} dockerHost
 * @returns {{ socketPath: string } | { host: string, port: number }}
 * @throws {SetupFailure} for a kind of address that this set-up does not speak
 */
export function engineAddress(dockerHost) {
  if (!dockerHost) return { socketPath: '/var/run/docker.sock' };
  if (dockerHost.startsWith('unix:///')) return { socketPath: dockerHost.slice('unix://'.length) };
  const tcp = /^(?:tcp|http):\/\/([^/:]+|\[[0-9a-f:]+\]):(\d+)\/?$/i.exec(dockerHost);
  if (tcp === null) throw new SetupFailure(`DOCKER_HOST is ${dockerHost}, which the set-up cannot speak to: set it to unix:///path or tcp://host:port, or unset it.`);
  return { host: tcp[1].replace(/^\[|\]$/g, ''), port: Number(tcp[2]) };
}

/** The engine answered with an error, or not at all (then `status` is 0). */
export class EngineFailure extends Error {
  /** @param {string} message @param {number} status @param {unknown} [cause] */
  constructor(message, status, cause) {
    super(message, { cause });
    this.name = 'EngineFailure';
    this.status = status;
  }
}

/**
 * One request to the engine.
 * @param {string} method
 * @param {string} path with its query
 * @param {{ body?: import('node:stream').Readable, seconds?: number, signal?: AbortSignal, onData?: (text: string) => void, dockerHost?: string }} [options]
 *   a body is sent as a tar; `seconds` bounds the whole exchange; `onData` sees the answer as it comes;
 *   `dockerHost` is where the engine is, by itself what DOCKER_HOST says
 * @returns {Promise<string>} the answer's body
 * @throws {EngineFailure}
 */
export function callEngine(method, path, { body, seconds = 10, signal, onData, dockerHost = process.env.DOCKER_HOST } = {}) {
  const bound = AbortSignal.timeout(seconds * 1000);
  const stop = signal ? AbortSignal.any([signal, bound]) : bound;
  return new Promise((resolve, reject) => {
    const fail = (error) => {
      body?.destroy();
      reject(new EngineFailure(bound.aborted ? `no answer within ${seconds} s` : error.message, 0, error));
    };
    const headers = { Host: 'docker', ...(body && { 'Content-Type': 'application/x-tar' }) };
    const call = request({ ...engineAddress(dockerHost), method, path, headers, signal: stop }, (answer) => {
      let text = '';
      answer.setEncoding('utf8');
      answer.on('data', (chunk) => {
        text += chunk;
        onData?.(chunk);
      });
      answer.once('error', fail);
      answer.once('end', () => {
        const error = problem(answer.statusCode, text);
        if (error === undefined) resolve(text);
        else reject(new EngineFailure(error, answer.statusCode));
      });
    });
    call.once('error', fail);
    if (body) body.once('error', (error) => call.destroy(error)).pipe(call);
    else call.end();
  });
}

// Long work answers 200 at once and reports its failure as a line of JSON in the stream.
function problem(status, text) {
  if (status >= 300) return messageIn(text) ?? `the engine answered ${status}`;
  const line = text.split('\n').find((record) => record.includes('"errorDetail"'));
  return line && (JSON.parse(line).error ?? line);
}

function messageIn(text) {
  try {
    return JSON.parse(text).message;
  } catch {
    return undefined;
  }
}
