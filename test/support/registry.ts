import { createHash } from 'node:crypto';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import type Dockerode from 'dockerode';
import { extract, pack } from 'tar-stream';

/** A read-only image registry on loopback, which the engine speaks plain HTTP to. */
export type Registry = {
  /** `127.0.0.1:<port>`, the beginning of its images' names. */
  address: string;
  /** Makes `<name>:latest` the image `busybox:1.37` with one more file, and what was there before is only reachable by its digest. */
  publish(name: string, file: { path: string; content: string }): Promise<void>;
  /** Every request is answered 503 from now on. */
  break(): void;
  /** Takes requests and never answers them from now on. */
  hang(): void;
  /** Stopped: connections are refused. Fine when it is stopped already. */
  stop(): Promise<void>;
  /** `GET /v2/base/manifests/latest`, each with the status it was answered with. */
  requests(): string[];
};

type Blob = { type: string; bytes: Buffer };

/** Starts one on a free port. Its images share the layers of `busybox:1.37`, which is read from the engine once. */
export async function startRegistry(docker: Dockerode): Promise<Registry> {
  const { config, layers } = await busybox(docker);
  const blobs = new Map<string, Blob>();
  const latest = new Map<string, string>();
  const requests: string[] = [];
  let manner: 'answers' | 'breaks' | 'hangs' = 'answers';

  const keep = (type: string, bytes: Buffer): { mediaType: string; digest: string; size: number } => {
    const digest = digestOf(bytes);
    blobs.set(digest, { type, bytes });
    return { mediaType: type, digest, size: bytes.length };
  };

  const server = createServer((request, response) => {
    const { method = 'GET', url = '/' } = request;
    response.on('finish', () => requests.push(`${method} ${url} ${response.statusCode}`));
    if (manner === 'hangs') return;
    if (manner === 'breaks') refuse(response, 503, 'UNAVAILABLE');
    else if (url === '/v2/') response.writeHead(200, { 'docker-distribution-api-version': 'registry/2.0' }).end('{}');
    else send(response, method, blobAt(url, latest, blobs));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    async publish(name, { path, content }) {
      const tar = [...layers, await tarOf(path, content)];
      const own = { ...config, rootfs: { type: 'layers', diff_ids: tar.map(digestOf) }, history: tar.map(() => ({ created_by: 'test' })) };
      const manifest = {
        schemaVersion: 2,
        mediaType: manifestType,
        config: keep('application/vnd.docker.container.image.v1+json', Buffer.from(JSON.stringify(own))),
        layers: tar.map((bytes) => keep('application/vnd.docker.image.rootfs.diff.tar.gzip', gzipSync(bytes))),
      };
      latest.set(name, keep(manifestType, Buffer.from(JSON.stringify(manifest))).digest);
    },
    break() {
      manner = 'breaks';
    },
    hang() {
      manner = 'hangs';
    },
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
    requests: () => [...requests],
  };
}

const manifestType = 'application/vnd.docker.distribution.manifest.v2+json';

function blobAt(url: string, latest: ReadonlyMap<string, string>, blobs: ReadonlyMap<string, Blob>): [string, Blob] | null {
  const [, name, reference] = /^\/v2\/(.+)\/(?:manifests|blobs)\/([^/?]+)/.exec(url) ?? [];
  const digest = reference === 'latest' ? latest.get(name!) : reference;
  const blob = blobs.get(digest ?? '');
  return blob === undefined ? null : [digest!, blob];
}

function send(response: ServerResponse, method: string, found: [string, Blob] | null): void {
  if (found === null) return refuse(response, 404, 'MANIFEST_UNKNOWN');
  const [digest, { type, bytes }] = found;
  response.writeHead(200, { 'content-type': type, 'content-length': bytes.length, 'docker-content-digest': digest });
  response.end(method === 'HEAD' ? undefined : bytes);
}

function refuse(response: ServerResponse, status: number, code: string): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ errors: [{ code, message: code }] }));
}

/** The image's configuration and its layers, plain tar, lowest first, out of what `docker save` gives. */
async function busybox(docker: Dockerode): Promise<{ config: object; layers: Buffer[] }> {
  const files = new Map<string, Buffer>();
  const archive = (await docker.getImage('busybox:1.37').get()).pipe(extract());
  for await (const entry of archive) files.set(entry.header.name, await buffer(entry));
  const [manifest] = JSON.parse(files.get('manifest.json')!.toString()) as { Config: string; Layers: string[] }[];
  return {
    config: JSON.parse(files.get(manifest!.Config)!.toString()) as object,
    layers: manifest!.Layers.map((name) => files.get(name)!),
  };
}

async function tarOf(path: string, content: string): Promise<Buffer> {
  const tar = pack();
  tar.entry({ name: path, mtime: new Date(0) }, content);
  tar.finalize();
  return await buffer(Readable.from(tar));
}

function digestOf(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
