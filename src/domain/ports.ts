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
 * still be about to do would change that.
 */
export type OtherPort = { port: number | null; sure: 'at-once' | 'soon' | 'later' };

/**
 * On which port an app listens that does not answer on the one that was expected; `null`: on none, or it cannot be told.
 *
 * | of what listens beyond loopback, besides the expected port              | port                                |
 * |-------------------------------------------------------------------------|-------------------------------------|
 * | the expected port answers HTTP, or may still (silent)                   | none                                |
 * | one of the exposed ports answers HTTP                                   | that one, at once                   |
 * | several of them do                                                      | the one with the best status, then the lowest |
 * | none of them does, one port that is not exposed listens                 | that one                            |
 * | none of them does, several ports that are not exposed listen, or none   | none; never, where it listens on the expected one inside its container or on IPv6 only |
 *
 * A status below 400 makes it sure: metrics and debuggers, which apps open before their own port, answer a GET of `/` with 404, if at all.
 */
export function otherPort(seen: readonly SeenPort[], { expected, exposed }: { expected: number; exposed: readonly number[] }): OtherPort | null {
  const own = seen.find(({ port }) => port === expected);
  if (own !== undefined && !own.loopbackOnly && (own.answer === null || own.answer.kind === 'http' || own.answer.kind === 'silent')) return null;
  const open = seen.filter(({ port, loopbackOnly, answer }) => port !== expected && !loopbackOnly && answer?.kind !== 'refused');
  const [best] = open.filter(({ port, answer }) => exposed.includes(port) && answer?.kind === 'http').toSorted(byAnswer);
  if (best !== undefined) return { port: best.port, sure: isPage(best) && !exposed.includes(expected) ? 'at-once' : soonOrLater(best) };
  const [only, ...others] = open.filter(({ port }) => !exposed.includes(port));
  if (only !== undefined && others.length === 0) return { port: only.port, sure: soonOrLater(only) };
  const neverReached = own !== undefined && (own.loopbackOnly || own.answer?.kind === 'refused');
  return neverReached && only === undefined ? { port: null, sure: 'later' } : null;
}

/** How long the same choice must have been seen before it is taken, in ms, of an app that has `timeoutMs` to get ready. */
export function settledAfterMs(sure: OtherPort['sure'], timeoutMs: number): number {
  if (sure === 'at-once') return 0;
  return sure === 'soon' ? Math.min(3_000, timeoutMs / 6) : Math.min(30_000, timeoutMs / 4);
}

/**
 * The port on which a new version of a branch is expected: where the version before was reached, when its image exposed the same ports;
 * else the only one that the image exposes; else 3000.
 */
export function expectedPort(exposed: readonly number[], before: { port: number | null; exposedPorts: readonly number[] } | undefined): number {
  if (before !== undefined && before.port !== null && before.exposedPorts.join() === exposed.join()) return before.port;
  return exposed.length === 1 ? exposed[0]! : defaultPort;
}

/** `80`, `80 and 443`, `80, 443 and 2019` */
export function portList(ports: readonly number[]): string {
  return ports.length < 2 ? ports.join() : `${ports.slice(0, -1).join(', ')} and ${ports.at(-1)}`;
}

const defaultPort = 3000;

function soonOrLater(seen: SeenPort): 'soon' | 'later' {
  return isPage(seen) ? 'soon' : 'later';
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
