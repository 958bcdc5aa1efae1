import { previewHostPattern } from '../domain/host.ts';
import type { Certificate } from './default-certificate.ts';
import { assertEntryPoint, assertHost, gateService } from './names.ts';

export const gateFileName = 'kosuke-gate.yml';

/**
 * Routers that bring a request to the gate, as Traefik's dynamic configuration: every preview host for which there is nothing
 * better (priority 1), and `/_kosuke/` on every preview host in every state (above everything). A final dot makes no other host: Traefik's
 * `Host` of containers and holds leaves it out of account, its `HostRegexp` does not. With them comes what Traefik shows for names that it has no certificate of.
 */
export function gateConfig({ gateUrl, entryPoint, previewDomain }: { gateUrl: string; entryPoint: string; previewDomain: string }, certificate: Certificate | null) {
  const hosts = `HostRegexp(\`${previewHostPattern(assertHost(previewDomain)).replace(/\$$/, '\\.?$')}\`)`;
  const entryPoints = [assertEntryPoint(entryPoint)];
  return {
    http: {
      routers: {
        'kosuke-gate': { rule: hosts, entryPoints, priority: catchAllPriority, service: gateService },
        'kosuke-gate-own-paths': {
          rule: `${hosts} && PathPrefix(\`/_kosuke/\`)`,
          entryPoints,
          priority: ownPathsPriority,
          service: gateService,
        },
      },
      services: { [gateService]: { loadBalancer: { passHostHeader: true, servers: [{ url: new URL(gateUrl).origin }] } } },
    },
    ...(certificate === null ? {} : { tls: { stores: { default: { defaultCertificate: certificate } } } }),
  };
}

const catchAllPriority = 1;
const ownPathsPriority = 2_000_000_000_000;
