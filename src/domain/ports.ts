/** What a container's app was seen to do on one TCP port. */
export type SeenPort = {
  port: number;
  /** Nothing outside its container reaches it there. */
  loopbackOnly: boolean;
  /** What came of a plain GET; `null`: nobody asked. */
  answer: PortAnswer | null;
};

/** `refused`: nothing accepts an IPv4 connection. `silent`: it was accepted and nothing came in time. `other`: what came is not HTTP. */
export type PortAnswer = { kind: 'http'; status: number } | { kind: 'tls' | 'refused' | 'silent' | 'other' };

/**
 * The port to start an app with once more; `null`: it listens on the expected one, where nobody will ever reach it. `sure`: when nothing that the app may
 * still be about to do would change that; `at-the-end` of its time.
 */
export type OtherPort = { port: number | null; sure: 'at-once' | 'soon' | 'later' | 'at-the-end' };

/**
 * On which port an app listens that does not answer on the one that was expected; `null`: on none, or it cannot be told. What the image exposes counts more than what is
 * merely seen: apps open ports for metrics, debuggers and helpers before their own.
 *
 * | of what listens beyond loopback, besides the expected port                   | port, and when it is sure                                         |
 * |------------------------------------------------------------------------------|-------------------------------------------------------------------|
 * | the expected port answers HTTP, or may still (silent)                        | none                                                              |
 * | exposed ports that answer HTTP                                               | the one with the best status, then the lowest: at once when it has a page and no other exposed port is missing, else soon |
 * | one exposed port that is open and does not answer in time, or is for TLS     | that one, later                                                   |
 * | else one port that is not exposed, and no exposed one that may still answer  | that one: soon with a page, later with an error; at the end when it does not answer HTTP, or the image exposes the expected port and that is missing |
 * | else the expected port, inside its container or on IPv6 only                 | `null`: never reached, later                                      |
 * | else                                                                         | none                                                              |
 */
export function otherPort(seen: readonly SeenPort[], { expected, exposed }: { expected: number; exposed: readonly number[] }): OtherPort | null {
  const own = seen.find(({ port }) => port === expected);
  if (own !== undefined && !own.loopbackOnly && mayAnswer(own)) return null;
  const open = seen.filter(({ port, loopbackOnly, answer }) => port !== expected && !loopbackOnly && answer?.kind !== 'refused');
  const declared = open.filter(({ port }) => exposed.includes(port));
  const [best] = declared.filter(({ answer }) => answer?.kind === 'http').toSorted(byAnswer);
  if (best !== undefined) return { port: best.port, sure: isPage(best) && noneIsMissing(seen, exposed) ? 'at-once' : 'soon' };
  const busy = declared.filter(({ answer }) => answer === null || answer.kind === 'silent' || answer.kind === 'tls');
  if (busy.length > 0) return busy.length === 1 ? { port: busy[0]!.port, sure: 'later' } : null;
  const [only, ...others] = open.filter(({ port }) => !exposed.includes(port));
  if (only !== undefined) return others.length > 0 ? null : { port: only.port, sure: own === undefined && exposed.includes(expected) ? 'at-the-end' : sureOf(only) };
  return own === undefined ? null : { port: null, sure: 'later' };
}

/** How long the same choice must have been seen before it is taken, in ms, of an app that has `timeoutMs` to get ready. */
export function settledAfterMs(sure: OtherPort['sure'], timeoutMs: number): number {
  switch (sure) {
    case 'at-once':
      return 0;
    case 'soon':
      return Math.min(10_000, timeoutMs / 6);
    case 'later':
      return Math.min(30_000, timeoutMs / 4);
    case 'at-the-end':
      return Infinity;
  }
}

/**
 * The port on which a new version of a branch is expected: where the version before was reached, when its image exposed the same ports;
 * else the only one that the image exposes; else 3000.
 */
export function expectedPort(exposed: readonly number[], before: { port: number | null; exposedPorts: readonly number[] } | undefined): number {
  if (before !== undefined && before.port !== null && before.exposedPorts.join() === exposed.join()) return before.port;
  return exposed.length === 1 ? exposed[0]! : defaultPort;
}

/** `80`, `80 and 443`, `80, 443 and 2019`; of very many the first ten. */
export function portList(ports: readonly number[]): string {
  if (ports.length > mostNamed) return `${ports.slice(0, mostNamed).join(', ')} and ${(ports.length - mostNamed).toLocaleString('en')} more`;
  return ports.length < 2 ? ports.join() : `${ports.slice(0, -1).join(', ')} and ${ports.at(-1)}`;
}

const mostNamed = 10;

const defaultPort = 3000;

/** Nobody waits for a port of TLS, which is not the app's own for plain HTTP. */
function noneIsMissing(seen: readonly SeenPort[], exposed: readonly number[]): boolean {
  return exposed.every((port) => tlsPorts.has(port) || seen.some((one) => one.port === port));
}

const tlsPorts: ReadonlySet<number> = new Set([443, 8443]);

function mayAnswer({ answer }: SeenPort): boolean {
  return answer === null || answer.kind === 'http' || answer.kind === 'silent';
}

function sureOf(seen: SeenPort): OtherPort['sure'] {
  if (isPage(seen)) return 'soon';
  return seen.answer?.kind === 'http' ? 'later' : 'at-the-end';
}

function isPage({ answer }: SeenPort): boolean {
  return answer?.kind === 'http' && answer.status < 400;
}

function byAnswer(a: SeenPort, b: SeenPort): number {
  return rank(a) - rank(b) || a.port - b.port;
}

function rank({ answer }: SeenPort): number {
  return answer?.kind === 'http' ? Math.floor(answer.status / 400) + Math.floor(answer.status / 500) : 9;
}
