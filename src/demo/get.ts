import { request } from 'node:http';

export type Answer = { status: number; headers: Record<string, string>; text: string };

export type GetOptions = {
  headers?: Record<string, string>;
  /** Connect there instead of to the host of the address. */
  via?: { host: string; port: number };
  /** 10,000 when left out. */
  timeoutMs?: number;
};

/**
 * One GET over a connection of its own; redirects are answers like any other. Header names are lower case; of a header that came more
 * than once the values stand with `, ` between them. Throws when there is no whole answer in time.
 */
export function get(address: string, { headers = {}, via, timeoutMs = 10_000 }: GetOptions = {}): Promise<Answer> {
  const url = new URL(address);
  const { host, port } = via ?? { host: url.hostname, port: Number(url.port === '' ? 80 : url.port) };
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => reject(new Error(`GET ${address} got no answer: ${error.message}`, { cause: error }));
    const asked = request(
      {
        host,
        port,
        path: `${url.pathname}${url.search}`,
        headers: { host: url.host, ...headers },
        agent: false,
        signal: AbortSignal.timeout(timeoutMs),
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', fail);
        response.on('end', () => {
          const pairs = Object.entries(response.headersDistinct).map(([name, values]) => [name, (values ?? []).join(', ')]);
          resolve({ status: response.statusCode ?? 0, headers: Object.fromEntries(pairs), text: Buffer.concat(chunks).toString('utf8') });
        });
      },
    );
    asked.on('error', fail);
    asked.end();
  });
}
