/** By this `User-Agent` the gate knows the program's own probes, which look at the headers of an answer and at nothing else. */
export const probeAgent = 'kosuke-preview-probe';

/**
 * Whether an answer to plain HTTP says that the port is for TLS, by its status and the beginning of its body. In the words of nginx, Go's
 * net/http (Caddy, Traefik), Apache and Tomcat; others close the connection.
 */
export function wantsTls(status: number, body: string): boolean {
  return status === 400 && tlsPattern.test(body);
}

const tlsPattern = /http request (?:was sent )?to (?:an )?https (?:server|port)|plain http to an ssl-enabled|combination of host and port requires tls/i;
