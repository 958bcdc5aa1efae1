import { randomUUID } from 'node:crypto';
import { performServerHandshake, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import { Duplex } from 'node:stream';
import type Dockerode from 'dockerode';

/** The connection through which BuildKit asks us back during a build. Without one it cannot pull a base image that is not there. */
export type BuildSession = { id: string; close(): void };

/**
 * Opens a BuildKit session: gRPC over HTTP/2 on the upgraded connection, the engine being the client. Answered are health checks
 * (an engine that gets no answer drops the session after a second) and questions for registry credentials, of which there are none.
 */
export async function openSession(docker: Dockerode, signal: AbortSignal): Promise<BuildSession> {
  const id = randomUUID();
  const socket = await upgrade(docker, id, signal);
  // As a plain stream: bytes that arrived together with the upgrade are in it, which the HTTP/2 code would not see on the socket itself.
  const session = performServerHandshake(Duplex.from({ readable: socket, writable: socket }));
  // A session that breaks shows in the build itself.
  session.on('error', () => undefined);
  socket.on('error', () => undefined);
  session.on('stream', answer);
  return {
    id,
    close() {
      session.destroy();
      socket.destroy();
    },
  };
}

/** The session's connection; the time limit ends with its opening, the signal holds for all its life. */
async function upgrade(docker: Dockerode, id: string, signal: AbortSignal): Promise<Duplex> {
  const opening = new AbortController();
  signal.addEventListener('abort', () => opening.abort(signal.reason), { once: true });
  const timer = setTimeout(() => opening.abort(new Error(`it opened no build session within ${openingLimitMs / 1000} s`)), openingLimitMs);
  try {
    return await dial(docker, id, opening.signal);
  } catch (error) {
    opening.signal.throwIfAborted();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

const openingLimitMs = 30_000;

async function dial(docker: Dockerode, id: string, abortSignal: AbortSignal): Promise<Duplex> {
  return await new Promise((resolve, reject) => {
    docker.modem.dial(
      {
        path: '/session',
        method: 'POST',
        hijack: true,
        headers: { Upgrade: 'h2c', 'X-Docker-Expose-Session-Uuid': id, 'X-Docker-Expose-Session-Name': 'kosuke-preview' },
        abortSignal,
        statusCodes: { 200: true, 400: 'bad request', 500: 'server error' },
      },
      (error, socket) => {
        if (error) reject(error);
        else if (socket instanceof Duplex) resolve(socket);
        else reject(new Error('it opened no build session'));
      },
    );
  });
}

function answer(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
  stream.on('error', () => undefined);
  stream.resume();
  const message = answers[headers[':path'] ?? ''];
  if (message === undefined) {
    stream.respond({ ...grpc, 'grpc-status': unimplemented }, { endStream: true });
    return;
  }
  stream.respond(grpc, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
  stream.end(framed(message));
}

const grpc = { ':status': 200, 'content-type': 'application/grpc' } as const;
const unimplemented = '12';

/** Answers as protobuf: `HealthCheckResponse { status: SERVING }`, and `CredentialsResponse` with nothing in it. */
const answers: Record<string, Buffer> = {
  '/grpc.health.v1.Health/Check': Buffer.from([0x08, 0x01]),
  '/moby.filesync.v1.Auth/Credentials': Buffer.alloc(0),
};

/** gRPC's frame: not compressed, length, message. */
function framed(message: Buffer): Buffer {
  const header = Buffer.alloc(5);
  header.writeUInt32BE(message.length, 1);
  return Buffer.concat([header, message]);
}
