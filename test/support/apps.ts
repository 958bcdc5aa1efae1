import { randomUUID } from 'node:crypto';
import type { Files } from '../../src/demo/github/index.ts';

export type AppOptions = {
  /** What the app says on `/`; two texts are two versions. */
  text: string;
  /** Seconds between the container's start and listening. */
  delay?: number;
  /** The ports it really listens on; 3000, which the image exposes, when left out. */
  listensOn?: readonly number[];
  /** Instead of listening: writes to stderr and exits with this code. */
  exits?: { code: number; says: string };
  /** Takes connections and never answers on them. */
  silent?: boolean;
  /** Labels of the image. */
  labels?: Record<string, string>;
  /** One more line of the Dockerfile, before the command. */
  instruction?: string;
};

/** A step that takes that long in every build: the engine's cache, which outlives a test, has never seen it. */
export function slowStep(seconds: number): string {
  return `RUN sleep ${seconds} && echo ${randomUUID()}`;
}

/** A tiny app on `busybox:1.37` with its Dockerfile: builds in well under a second. */
export function app(options: AppOptions): Files {
  const { text, labels = {}, instruction } = options;
  const dockerfile = [
    'FROM busybox:1.37',
    'COPY index.html /www/index.html',
    'EXPOSE 3000',
    ...Object.entries(labels).map(([key, value]) => `LABEL ${JSON.stringify(key)}=${JSON.stringify(value)}`),
    ...(instruction === undefined ? [] : [instruction]),
    `CMD ${JSON.stringify(['sh', '-c', commandOf(options)])}`,
  ];
  return { Dockerfile: `${dockerfile.join('\n')}\n`, 'index.html': `<!doctype html><title>${text}</title><p>${text}</p>\n` };
}

function commandOf({ delay = 0, listensOn = [3000], exits, silent = false }: AppOptions): string {
  const wait = delay > 0 ? `sleep ${delay}; ` : '';
  if (exits !== undefined) return `${wait}echo '${exits.says}' >&2; exit ${exits.code}`;
  const last = listensOn.at(-1);
  if (silent) return `${wait}exec nc -ll -p ${last} -e sleep 3600`;
  const others = listensOn.slice(0, -1).map((port) => `httpd -p ${port} -h /www; `);
  return `${wait}${others.join('')}exec httpd -f -p ${last} -h /www`;
}
