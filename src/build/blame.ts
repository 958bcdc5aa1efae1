import type { Fault } from '../domain/errors.ts';
import { ownWords } from './own-words.ts';

/** What BuildKit was at when something broke: it asked a registry, read what we had sent, ran a step of the Dockerfile, wrote the image, or read the Dockerfile (`none`). */
export type VertexKind = 'registry' | 'context' | 'step' | 'export' | 'none';

/** By its name, as engines since 20.10 give it; an ADD of an address is a step, by whatever name. */
export function kindOf(vertex: string): VertexKind {
  if (vertex === '') return 'none';
  if (/^\[internal\] load metadata for |^(?:\[(?:\S+ )?\d+\/\d+\] )?FROM |^\[auth\] |^resolve /.test(vertex)) return 'registry';
  if (/^\[internal\] |^load remote build context|^copy \/context/.test(vertex)) return 'context';
  return vertex.startsWith('export') ? 'export' : 'step';
}

/**
 * Whose doing it is that a build broke; the first row that fits decides. Errors of a network, and answers that break off, are ours only where the engine itself asks: a
 * registry, or the context that it gets from us. In a step they are those of whatever the Dockerfile names. Only the engine's own words decide (`own-words.ts`).
 */
export function blameFor(kind: VertexKind, error: string): Fault {
  const own = ownWords(error);
  return catalogue.find(({ at, error: words }) => (at === 'any' || at.includes(kind)) && words.test(own))?.fault ?? 'app';
}

type Row = { at: 'any' | readonly VertexKind[]; error: RegExp; fault: Fault };

const catalogue: readonly Row[] = [
  // What a command of the repository says or how it ends; an engine that is going away ends them, too, which is seen from outside.
  { at: ['step'], error: /exit code: \d+/, fault: 'app' },
  // The frontend of the engine repeats words of the Dockerfile.
  { at: ['none'], error: /dockerfile parse error|Syntax error - |failed to parse stage name|failed to process "/, fault: 'app' },

  // The engine's disk, memory, network and parts.
  { at: 'any', error: /no space left on device|disk quota exceeded|cannot allocate memory|too many open files|input\/output error/i, fault: 'us' },
  { at: 'any', error: /libnetwork|failed to create endpoint|could not find bridge/i, fault: 'us' },
  { at: 'any', error: /failed to create (?:shim|task)|OCI runtime create failed|failed to mount|layer does not exist|failed to get layer|snapshot .* does not exist/i, fault: 'us' },
  { at: 'any', error: /no active session|code = Unavailable|transport is closing|error reading from server|grpc: the client connection is closing/i, fault: 'us' },

  // BuildKit's own race between builds that need the same: the next one gets it (moby/buildkit `util/flightcontrol`).
  { at: 'any', error: /flightcontrol: exceeded retry timeout/, fault: 'us' },

  // A registry that cannot be reached or asks for patience; all else of it is an answer: that there is no such image, or not for us.
  { at: ['registry'], error: /dial tcp|no such host|connection (?:refused|reset)|i\/o timeout|TLS handshake|Client\.Timeout|deadline exceeded|server misbehaving|x509: /i, fault: 'us' },
  { at: ['registry'], error: /: EOF$|unexpected EOF|toomanyrequests|: (?:429|50\d) /i, fault: 'us' },

  // What no disk can hold is in the repository.
  { at: ['context'], error: /file name too long/i, fault: 'app' },
  { at: ['context', 'export'], error: /^/, fault: 'us' },
  { at: ['none'], error: /dial tcp|no such host|connection (?:refused|reset)|i\/o timeout|TLS handshake|unexpected EOF|toomanyrequests|429 Too Many|50[0-4] /i, fault: 'us' },
];
