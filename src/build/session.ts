import { randomUUID } from 'node:crypto';
import { performServerHandshake, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import { Duplex } from 'node:stream';
import type Dockerode from 'dockerode';
import { KosukeError } from '../domain/errors.ts';
import { framed } from './grpc.ts';
import type { LocalSource } from './local-source.ts';
import { packets } from './packets.ts';
import { sendFiles } from './send-files.ts';

/** The connection through which BuildKit asks us back during a build: for the files, and whether we are there. */
export type BuildSession = {
  id: string;
  /** Why files could not be sent: ours, or a `KosukeError` of the repository where its Dockerfile copies too many paths; `null` when all went well. */
  failure(): unknown;
  close(): void;
};

/**
 * Opens a BuildKit session: gRPC over HTTP/2 on the upgraded connection, the engine being the client. Answered are health checks
 * (an engine that gets no answer drops the session after a second), questions for registry credentials, of which there are none, and for the
 * files of `sources` by their name.
 */
export async function openSession(docker: Dockerode, sources: Record<string, LocalSource>, signal: AbortSignal): Promise<BuildSession> {
  const id = randomUUID();
  const socket = await upgrade(docker, id, signal);
  // As a plain stream: bytes that arrived together with the upgrade are in it, which the HTTP/2 code would not see on the socket itself.
  const session = performServerHandshake(Duplex.from({ readable: socket, writable: socket }), limits);
  const named = new Map(Object.entries(sources));
  let failure: unknown = null;
  // A session that breaks shows in the build itself, which does not say why.
  session.on('error', (error) => {
    if (tellsOfLargeHeaders(error)) failure ??= tooManyPaths(error);
  });
  socket.on('error', () => undefined);
  session.on('stream', (stream, headers) => {
    stream.on('error', () => undefined);
    // It is told a moment after it came: the session may have been closed in between.
    if (stream.destroyed) return;
    if (headers[':path'] !== filesPath) return answer(stream, headers);
    void answerFiles(stream, named.get(String(headers['dir-name'])), headers, (error) => (failure ??= error));
  });
  return {
    id,
    failure: () => failure,
    close() {
      session.destroy();
      socket.destroy();
    },
  };
}

/** A question for files names each path that the Dockerfile copies, in a header of its own. Beyond nine frames of 16 KiB the HTTP/2 code of Node takes none, whatever is set here. */
const limits = { maxHeaderListPairs: 100_000, maxSessionMemory: 64, settings: { maxHeaderListSize: 16 * 1024 * 1024 } };

/** In the words of nghttp2, for which Node has no code of its own. */
function tellsOfLargeHeaders(error: Error): boolean {
  return /too many CONTINUATION frames/i.test(error.message);
}

function tooManyPaths(cause: Error): KosukeError {
  return new KosukeError(
    {
      code: 'build-failed',
      fault: 'app',
      what: 'The Dockerfile copies too many paths, or too long ones',
      why: 'their names together take more than about 140 KiB, in which the Docker Engine asks for them at once',
      next: 'Copy folders instead of single files (`COPY src /app/src`) and push.',
    },
    { cause },
  );
}

const filesPath = '/moby.filesync.v1.FileSync/DiffCopy';

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
        // No bytes, and told so: the end mark of a chunked body may reach the engine after it has gone over to HTTP/2, and break the session.
        file: Buffer.alloc(0),
        headers: headersOf(id),
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

/**
 * The shared key must be ours alone: BuildKit takes what was sent under the same key before for known, and asks only for files whose size or
 * time is another. Those of two commits, or of two projects, may be alike in both.
 */
function headersOf(id: string): Record<string, string> {
  return {
    Upgrade: 'h2c',
    'X-Docker-Expose-Session-Uuid': id,
    'X-Docker-Expose-Session-Name': 'kosuke-preview',
    'X-Docker-Expose-Session-Sharedkey': id,
    'X-Docker-Expose-Session-Grpc-Method': filesPath,
  };
}

function answer(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
  stream.resume();
  const message = answers[headers[':path'] ?? ''];
  if (message === undefined) {
    stream.respond({ ...grpc, 'grpc-status': unimplemented }, { endStream: true });
    return;
  }
  stream.respond(grpc, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
  stream.end(Buffer.concat(framed(message)));
}

/** Tells `onFailure` of an error that is ours: not of a receiver that left or failed. */
async function answerFiles(stream: ServerHttp2Stream, source: LocalSource | undefined, headers: IncomingHttpHeaders, onFailure: (error: unknown) => void): Promise<void> {
  if (source === undefined) {
    stream.respond({ ...grpc, 'grpc-status': notFound }, { endStream: true });
    return;
  }
  let status = '0';
  stream.respond(grpc, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': status }));
  try {
    await sendFiles(stream, wantedOf(source, headers));
  } catch (error) {
    if (stream.destroyed) return;
    onFailure(error);
    status = unknown;
    stream.write(Buffer.concat(packets.failed('the files could not be read')));
  }
  stream.resume();
  stream.end();
}

/**
 * Some engines ask for `.dockerignore` by itself, beside the files. All else that a question names (the paths that the Dockerfile copies, what to leave
 * out) would only save sending: the receiver takes what it gets.
 */
function wantedOf({ files, read }: LocalSource, headers: IncomingHttpHeaders): LocalSource {
  const ignoreFile = files.filter(({ path }) => path === '.dockerignore');
  const isEnough = headers['followpaths'] === '.dockerignore' && ignoreFile.every(({ kind }) => kind === 'file');
  return { files: isEnough ? ignoreFile : files, read };
}

const grpc = { ':status': 200, 'content-type': 'application/grpc' } as const;
const unknown = '2';
const notFound = '5';
const unimplemented = '12';

/** Answers as protobuf: `HealthCheckResponse { status: SERVING }`, and `CredentialsResponse` with nothing in it. */
const answers: Record<string, Buffer> = {
  '/grpc.health.v1.Health/Check': Buffer.from([0x08, 0x01]),
  '/moby.filesync.v1.Auth/Credentials': Buffer.alloc(0),
};
