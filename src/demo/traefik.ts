import { mkdir, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type Dockerode from 'dockerode';
import type { Logger } from 'pino';
import { stringify } from 'yaml';
import { labelKeys } from '../domain/labels.ts';

export type TraefikOptions = {
  docker: Dockerode;
  /** e.g. `traefik:v3.7.15`; it must be present. */
  image: string;
  /** Absolute, on the engine's host; Traefik sees it read-only. */
  dynamicDir: string;
  /** Absolute; the static configuration is written there. */
  configDir: string;
  /** The loopback port of entry point `web`; 0: a free one. */
  port: number;
  labels: Record<string, string>;
  /** Only containers of this instance are seen, so that several Traefiks beside each other do not serve each other's; left out: all. */
  instance?: string;
  log: Logger;
};

/** `port`: of entry point `web` on 127.0.0.1; `apiPort`: of Traefik's own entry point (`/ping`, `/api/…`). */
export type RunningTraefik = { port: number; apiPort: number; containerId: string; stop(): Promise<void> };

/**
 * Starts a Traefik that serves previews over plain HTTP on a loopback port, in a container on the host's network, and waits until
 * it answers. Throws when it does not within 15 s, with its last words; nothing is left behind then.
 */
export async function startTraefik(options: TraefikOptions): Promise<RunningTraefik> {
  await mkdir(options.configDir, { recursive: true });
  for (let attempt = 1; ; attempt++) {
    const [free = 0, apiPort = 0] = await freePorts(2);
    const port = options.port === 0 ? free : options.port;
    const container = await create(options, port, apiPort);
    const stop = () => remove(container);
    try {
      await container.start();
      await untilReady(container, apiPort);
      options.log.debug({ port, apiPort, container: container.id }, 'Traefik answers');
      return { port, apiPort, containerId: container.id, stop };
    } catch (error) {
      await stop();
      const taken = error instanceof Error && error.message.includes('address already in use');
      if (!taken || options.port !== 0 || attempt === 3) throw error;
    }
  }
}

/** Traefik's static configuration for one machine without certificates: loopback only, nothing leaves it. */
export function staticConfig({ port, apiPort, dynamicDir, instance }: { port: number; apiPort: number; dynamicDir: string; instance?: string }) {
  const edge = `Label(\`${labelKeys.edge}\`,\`true\`)`;
  const constraints = instance === undefined ? edge : `${edge} && Label(\`${labelKeys.instance}\`,\`${instance}\`)`;
  const http = { aliasHeadersStrategy: 'delete', encodedCharacters: noEncodedCharacters };
  return {
    global: { checkNewVersion: false, sendAnonymousUsage: false },
    log: { level: 'WARN', noColor: true },
    api: { dashboard: false, insecure: true },
    ping: {},
    entryPoints: {
      web: { address: `127.0.0.1:${port}`, http, transport: { respondingTimeouts: { readTimeout: '15m', writeTimeout: '0s', idleTimeout: '180s' } } },
      traefik: { address: `127.0.0.1:${apiPort}`, http },
    },
    serversTransport: { forwardingTimeouts: { idleConnTimeout: '1s' } },
    providers: {
      providersThrottleDuration: '10ms',
      docker: { endpoint: 'unix:///var/run/docker.sock', exposedByDefault: false, constraints },
      file: { directory: dynamicDir, watch: true },
    },
  };
}

/** Traefik 3.7 warns at every start unless each of these is refused. */
const noEncodedCharacters = {
  allowEncodedSlash: false,
  allowEncodedBackSlash: false,
  allowEncodedNullCharacter: false,
  allowEncodedSemicolon: false,
  allowEncodedPercent: false,
  allowEncodedQuestionMark: false,
  allowEncodedHash: false,
};

const readyWithinMs = 15_000;

async function create({ docker, image, dynamicDir, configDir, labels, instance }: TraefikOptions, port: number, apiPort: number) {
  const inside = { dynamicDir: '/etc/traefik/dynamic', config: '/etc/traefik/traefik.yml' };
  const file = join(configDir, 'traefik.yml');
  await writeFile(file, stringify(staticConfig({ port, apiPort, dynamicDir: inside.dynamicDir, instance }), { aliasDuplicateObjects: false }));
  return docker.createContainer({
    Image: image,
    Cmd: [`--configFile=${inside.config}`],
    Labels: labels,
    HostConfig: {
      NetworkMode: 'host',
      Binds: [`${file}:${inside.config}:ro`, `${dynamicDir}:${inside.dynamicDir}:ro`, `${socketOf(docker)}:/var/run/docker.sock:ro`],
      SecurityOpt: ['no-new-privileges'],
    },
  });
}

/** The engine's socket on its own host, also where `DOCKER_HOST` names another one than the usual. */
function socketOf(docker: Dockerode): string {
  const modem: object = docker.modem;
  return 'socketPath' in modem && typeof modem.socketPath === 'string' ? modem.socketPath : '/var/run/docker.sock';
}

/** Asks `/ping` until it is 200. A container that ended is told with what it wrote. */
async function untilReady(container: Dockerode.Container, apiPort: number): Promise<void> {
  const until = performance.now() + readyWithinMs;
  for (;;) {
    const ok = await fetch(`http://127.0.0.1:${apiPort}/ping`, { signal: AbortSignal.timeout(1000) }).then(
      async (response) => (await response.text()) === 'OK',
      () => false,
    );
    const running = (await container.inspect()).State.Running;
    if (ok && running) return;
    if (!running || performance.now() > until) throw new Error(`Traefik did not start: ${await lastWords(container)}`);
    await delay(50);
  }
}

async function lastWords(container: Dockerode.Container): Promise<string> {
  const framed = await container.logs({ stdout: true, stderr: true, tail: 20 });
  let text = '';
  for (let at = 0; at + 8 <= framed.length; at += 8 + framed.readUInt32BE(at + 4)) {
    text += framed.subarray(at + 8, at + 8 + framed.readUInt32BE(at + 4)).toString('utf8');
  }
  return text.trim();
}

async function remove(container: Dockerode.Container): Promise<void> {
  await container.remove({ force: true }).catch((error: unknown) => {
    const gone = error instanceof Error && 'statusCode' in error && error.statusCode === 404;
    if (!gone) throw error;
  });
}

/** Ports that were free a moment ago, each different. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  try {
    return await Promise.all(
      servers.map(
        (server) =>
          new Promise<number>((resolve, reject) => {
            server.once('error', reject);
            server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
          }),
      ),
    );
  } finally {
    await Promise.all(servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve()))));
  }
}
