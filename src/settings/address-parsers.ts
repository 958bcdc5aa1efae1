import type { Parser } from './parsers.ts';

export type HostAndPort = { host: string; port: number };

/** A DNS name, lower-cased. `room` characters are left for labels to be put before it. */
export function domainName(room: number): Parser<string> {
  return (text) => {
    const value = text.toLowerCase();
    if (value.length <= 253 - room && domainPattern.test(value)) return { value };
    return { problem: 'is not a domain name. Set it to one without scheme, port or path, for example kosuke.ai.' };
  };
}

/** `host` or `host:port`, as it stands in a URL. */
export const hostMaybePort: Parser<string> = (text) => {
  const url = parseUrl(`https://${text}`);
  if (url && url.pathname === '/' && !url.search && !url.hash && !url.username && !url.password && /^[^/?#@\s]+$/.test(text)) return { value: text.toLowerCase() };
  return { problem: 'is not a host name, with or without a port. Set it to one without scheme or path, for example github.example.com.' };
};

/** `host:port`; an IPv6 address stands in brackets, which the value drops. */
export const hostAndPort: Parser<HostAndPort> = (text) => {
  const match = /^(?:\[([0-9a-fA-F:]+)\]|([A-Za-z0-9._-]+)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (match && port >= 1 && port <= 65_535) return { value: { host: (match[1] ?? match[2])!, port } };
  return { problem: 'is not a host and a port. Set it to both with a colon between them, for example 127.0.0.1:443.' };
};

/** An http(s) address without path, query or credentials; the value has no slash at its end. */
export const origin: Parser<string> = (text) => {
  const url = parseUrl(text);
  const bare = url && url.pathname === '/' && !url.search && !url.hash && !url.username && !url.password;
  if (bare && isHttp(url)) return { value: url.origin };
  return { problem: 'is not an address of the form https://host. Set it to one that begins with http:// or https:// and has no path.' };
};

/** An http(s) address, possibly with a path. */
export const httpUrl: Parser<string> = (text) => {
  const url = parseUrl(text);
  if (url && isHttp(url)) return { value: url.href };
  return { problem: 'is not a web address. Set it to one that begins with http:// or https://.' };
};

export const databaseUrl: Parser<string> = (text) => {
  const url = parseUrl(text);
  if (url && (url.protocol === 'postgres:' || url.protocol === 'postgresql:')) return { value: text };
  return { problem: 'is not the address of a Postgres database. Set it to postgres://user:password@host:5432/name, or leave it out to use the embedded one.' };
};

export const engineAddress: Parser<string> = (text) => {
  const url = parseUrl(text);
  const hasHost = url !== null && url.hostname !== '' && ['tcp:', 'http:', 'https:', 'ssh:'].includes(url.protocol);
  if (hasHost || /^unix:\/\/\/./.test(text)) return { value: text };
  return { problem: 'is not the address of a Docker engine. Set it to unix:///var/run/docker.sock or tcp://host:2376, or leave it out.' };
};

/** An IPv4 range, `a.b.c.d/n`, that has room for many small networks. */
export const subnets: Parser<string> = (text) => {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(text);
  const octets = match?.slice(1, 5).map(Number) ?? [];
  const prefix = Number(match?.[5]);
  const address = octets.reduce((sum, octet) => sum * 256 + octet, 0);
  const fits = match !== null && octets.every((octet) => octet <= 255) && prefix >= 8 && prefix <= 24;
  if (fits && address % 2 ** (32 - prefix) === 0) return { value: `${octets.join('.')}/${prefix}` };
  return { problem: 'is not the beginning of an IPv4 range between /8 and /24. Set it to a private range that nothing else uses, for example 10.232.0.0/16.' };
};

const domainPattern = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/;

function parseUrl(text: string): URL | null {
  return URL.canParse(text) ? new URL(text) : null;
}

function isHttp(url: URL): boolean {
  return url.protocol === 'http:' || url.protocol === 'https:';
}
