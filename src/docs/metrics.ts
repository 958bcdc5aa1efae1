import { definitions, type Definition } from '../metrics/definitions.ts';
import { code, page, table } from './markdown.ts';

/** Every metric of ours. */
export function metricsPage(): string {
  const all = Object.entries<Definition>(definitions);
  return page('Metrics', ['src/metrics/definitions.ts'], head, table(['Metric', 'Type', 'Labels', 'Meaning'], all.map(row)), buckets(all), foot);
}

const head = `\`GET /metrics\` gives them in Prometheus' text format. Without \`METRICS_PORT\` they are on \`PORT\`, only for who asks for the host \`localhost\`, \`127.0.0.1\` or
\`[::1]\`, which nobody does through Traefik unless a router of yours is for one of these. With \`METRICS_PORT\` they are on that port of \`HOST\` under any name, and not on \`PORT\`. Who can reach that
port can read them, and so can a build (\`ADD http://127.0.0.1:3000/metrics\`): they hold no name, branch, host, commit, address or secret.`;

const foot = `Beside these there are the usual ones of a Node process, which begin with \`process_\` and \`nodejs_\`. Queues and states are read from the database when they are asked
for, at most once a second; a figure that does not come within a second is left out and counted in \`kosuke_scrape_errors_total\`. The others count from the start of
the program.`;

function row([name, { type, labels, help }]: [string, Definition]): string[] {
  const shown = Object.entries(labels).map(([label, values]) => `${code(label)}: ${typeof values === 'string' ? values : values.map(code).join(', ')}`);
  return [code(name), type, shown.join('; '), help];
}

/** Histograms by their buckets. */
function buckets(all: readonly [string, Definition][]): string {
  const rows = all.flatMap(([name, definition]) => (definition.buckets === undefined ? [] : [[code(name), definition.buckets.join(', ')]]));
  return `Histograms count what took at most so many seconds:\n\n${table(['Metric', 'Buckets'], rows)}`;
}
