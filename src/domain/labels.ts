/** Every label string of the program: what Traefik reads, and how we know our own things on an engine (DESIGN §3 "Labels"). */

/** Keys of the labels that say whose a thing is. */
export const labelKeys = {
  edge: 'kosuke.edge',
  instance: 'kosuke.instance',
  version: 'kosuke.v',
  kind: 'kosuke.kind',
  project: 'kosuke.project',
  preview: 'kosuke.preview',
  deployment: 'kosuke.deployment',
  commit: 'kosuke.commit',
} as const;

/** What each of them says. */
export const labelMeanings: Record<keyof typeof labelKeys, string> = {
  edge: 'Traefik may route to it: the constraint of its Docker provider',
  instance: 'Which installation made it. What carries another id is never touched',
  version: 'The version of these labels',
  kind: 'What it is: `app`',
  project: 'The number of the repository, which stands in every host',
  preview: 'The row of the preview',
  deployment: 'The row of the deployment: which version it is',
  commit: 'The commit it was built from',
};

/** Headers by which an answer on a preview host says which version gave it. */
const versionHeaders = { deployment: 'X-Kosuke-Deployment', commit: 'X-Kosuke-Commit' } as const;

/** What an instance id (`INSTANCE_ID`) looks like. */
export const instancePattern = /^[a-z0-9][a-z0-9-]{3,62}$/;

/** What the name of a Traefik entry point looks like. */
export const entryPointPattern = /^[A-Za-z][A-Za-z0-9_-]{0,62}$/;

export type AppLabelFacts = {
  instance: string;
  projectId: number;
  previewId: number;
  deploymentId: number;
  /** Full hash, lower case. */
  sha: string;
  containerName: string;
  networkName: string;
  /** Stable host, e.g. `project-1-feature-a.kosuke.ai`. */
  host: string;
  /** The same as visitors' browsers send it, e.g. with a port. */
  authority: string;
  /** Host of this commit alone, e.g. `project-1--3f2c1aa0b1-7.kosuke.ai`. */
  commitHost: string;
  entryPoint: string;
  /** The port that the app listens on inside the container. */
  port: number;
  /** Whether Traefik is to route to the container (`TRAEFIK_ENABLED`). */
  edge: boolean;
};

/**
 * All labels of an app's container. Two routers, the stable host and the commit's, lead to one service; the header middleware
 * says on every answer which version gave it. Apps may know no other host than the preview's, so what comes for the commit's reaches them under that
 * (Traefik puts the one that was asked for into `X-Forwarded-Host`). Throws `TypeError` when a value is not what our own naming makes: nothing that
 * somebody pushed may reach a rule.
 */
export function appLabels(facts: AppLabelFacts): Record<string, string> {
  const name = checked('container name', facts.containerName, containerPattern);
  const own = {
    [labelKeys.instance]: checked('instance id', facts.instance, instancePattern),
    [labelKeys.version]: '1',
    [labelKeys.kind]: 'app',
    [labelKeys.project]: positive('project id', facts.projectId),
    [labelKeys.preview]: positive('preview id', facts.previewId),
    [labelKeys.deployment]: positive('deployment id', facts.deploymentId),
    [labelKeys.commit]: checked('commit', facts.sha, shaPattern),
  };
  if (!facts.edge) return own;
  return {
    ...own,
    [labelKeys.edge]: 'true',
    'traefik.enable': 'true',
    'traefik.docker.network': checked('network name', facts.networkName, containerPattern),
    ...router(name, facts.host, { service: name, middlewares: [name] }, facts),
    ...router(`${name}-commit`, facts.commitHost, { service: name, middlewares: [name, `${name}-host`] }, facts),
    [`traefik.http.middlewares.${name}-host.headers.customrequestheaders.Host`]: checked('host', facts.authority, authorityPattern),
    [`traefik.http.services.${name}.loadbalancer.server.port`]: portText(facts.port),
    [`traefik.http.middlewares.${name}.headers.customresponseheaders.${versionHeaders.deployment}`]: String(facts.deploymentId),
    [`traefik.http.middlewares.${name}.headers.customresponseheaders.${versionHeaders.commit}`]: facts.sha,
    [`traefik.http.middlewares.${name}.headers.customresponseheaders.X-Robots-Tag`]: 'noindex',
  };
}

/** Labels of a preview's network and volumes. Throws like `appLabels`. */
export function networkLabels(facts: { instance: string; previewId: number }): Record<string, string> {
  return {
    [labelKeys.instance]: checked('instance id', facts.instance, instancePattern),
    [labelKeys.preview]: positive('preview id', facts.previewId),
  };
}

/** The label filter (Docker's `label=…`) that finds what is ours. */
export function instanceFilter(instance: string): string {
  return `${labelKeys.instance}=${checked('instance id', instance, instancePattern)}`;
}

/** The label filter that finds the things of one preview; use it together with `instanceFilter`. */
export function previewFilter(previewId: number): string {
  return `${labelKeys.preview}=${positive('preview id', previewId)}`;
}

/** Name, seen from Traefik's file provider, of the middleware that says which version answered. */
export function versionMiddleware(containerName: string): string {
  return `${checked('container name', containerName, containerPattern)}@docker`;
}

/** Name, seen from Traefik's file provider, of a container's service. */
export function containerService(containerName: string): string {
  return `${checked('container name', containerName, containerPattern)}@docker`;
}

/**
 * The keys among `labels` that an image must not bring, in their own spelling, sorted: ours, Traefik's, and those by which Docker's own
 * tools know what is theirs (`docker compose down`, `docker stack rm` would take a preview for a part of theirs). Traefik lower-cases keys by Unicode's rules, by
 * which letters outside ASCII become ASCII ones (U+212A is `k`, U+0130 is `i`): a key that merely looks like ours counts.
 */
export function reservedKeys(labels: Readonly<Record<string, string>>): string[] {
  return Object.keys(labels)
    .filter((key) => /^\s*(?:traefik|kosuke|com\.docker\.(?:compose|swarm|stack))\./.test(folded(key)))
    .toSorted();
}

/** Why they are reserved, a sentence without its end. */
export const reservedBecause =
  'Labels that start with `traefik.` or `kosuke.` decide which addresses lead to a container, those with `com.docker.compose.`, `com.docker.stack.` or `com.docker.swarm.` which tool may remove it';

/** Routers of containers stand at this priority plus the deployment id: above the catch-all (1), below every hold (1,000,000,000). */
const labelPriority = 1000;

const containerPattern = /^kosuke-preview-project-[1-9][0-9]{0,9}-[a-z0-9-]{1,80}$/;
const shaPattern = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;
const hostPattern = /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)+$/;
const authorityPattern = new RegExp(hostPattern.source.replace(/\$$/, '(?::[1-9][0-9]{0,4})?$'));

function router(name: string, host: string, { service, middlewares }: { service: string; middlewares: string[] }, facts: AppLabelFacts): Record<string, string> {
  const key = `traefik.http.routers.${name}`;
  return {
    [`${key}.rule`]: `Host(\`${checked('host', host, hostPattern)}\`)`,
    [`${key}.entrypoints`]: checked('entry point', facts.entryPoint, entryPointPattern),
    [`${key}.priority`]: String(labelPriority + facts.deploymentId),
    [`${key}.middlewares`]: middlewares.join(),
    [`${key}.service`]: service,
  };
}

function folded(key: string): string {
  return key.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase();
}

function checked(what: string, value: string, pattern: RegExp): string {
  if (!pattern.test(value)) throw new TypeError(`not a ${what} that may stand in a label: ${JSON.stringify(value)}`);
  return value;
}

function positive(what: string, value: number): string {
  if (!Number.isSafeInteger(value) || value < 1) throw new TypeError(`not a ${what} that may stand in a label: ${value}`);
  return String(value);
}

function portText(value: number): string {
  if (!Number.isInteger(value) || value < 1 || value > 65_535) throw new TypeError(`not a port that may stand in a label: ${value}`);
  return String(value);
}
