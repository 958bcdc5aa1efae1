import { get, type GetOptions } from '../../../src/demo/get.ts';
import type { RepositoryRef } from '../../../src/demo/github/index.ts';
import type { World } from '../world.ts';
import type { Place } from './search.ts';

/** What an address answers to a browser, to a program and to a terminal: status, headers and body. */
export async function answerPlaces(address: string, via?: GetOptions['via']): Promise<Place[]> {
  const places: Place[] = [];
  for (const accept of ['text/html', 'application/json', 'text/plain']) {
    const { status, headers, text } = await get(address, { headers: { accept }, via });
    places.push({ where: `answer of ${address} in ${accept}`, what: `${status}\n${JSON.stringify(headers)}\n${text}` });
  }
  return places;
}

/** The program's own pages, with what it says of itself to machines. */
export async function programPlaces(base: string): Promise<Place[]> {
  const paths = ['/', '/healthz', '/readyz', '/metrics', '/api/v1/previews', '/logs/no-log-has-this-name', '/.env', '/api/github/webhooks'];
  const places: Place[] = [];
  for (const path of paths) places.push(...(await answerPlaces(`${base}${path}`)));
  return places;
}

/** The gate's pages (or the app) at the hosts of previews. */
export async function previewPlaces(world: World, hostLabels: readonly string[]): Promise<Place[]> {
  const via = { host: '127.0.0.1', port: world.traefik!.port };
  const places: Place[] = [];
  for (const label of hostLabels) for (const path of ['/', '/_kosuke/status']) places.push(...(await answerPlaces(`${world.url(label)}${path}`, via)));
  return places;
}

/** What stands at GitHub: comments, deployments with their statuses, pull requests with their pages, the log pages that they link to, addresses that were asked for. */
export async function githubPlaces({ github }: Pick<World, 'github'>, repository: RepositoryRef, pulls: readonly number[]): Promise<Place[]> {
  const places: Place[] = [];
  for (const number of pulls) {
    const comments = github.comments(repository, number);
    places.push(...comments.map(({ id, body }) => ({ where: `comment ${id} on #${number}`, what: body })));
    places.push(...(await answerPlaces(github.pullRequest(repository, number).pageUrl)));
  }
  const deployments = github.deployments(repository);
  places.push(...deployments.map((deployment) => ({ where: `deployment ${deployment.id} with its statuses`, what: JSON.stringify(deployment) })));
  const logs = new Set(deployments.flatMap(({ statuses }) => statuses.map(({ logUrl }) => logUrl)).filter((url) => url !== ''));
  for (const url of logs) places.push(...(await answerPlaces(url)), ...(await answerPlaces(`${url}?format=text`)));
  places.push({ where: 'addresses that were asked for at GitHub', what: github.requests().map(({ url }) => url).join('\n') });
  return places;
}
