import { commitHostLabel, containerName, hostLabels, networkName } from '../domain/host.ts';
import { appLabels, labelKeys, labelMeanings, networkLabels, reservedBecause } from '../domain/labels.ts';
import { code, page, table } from './markdown.ts';

/** Every label, as an example has it. */
export function labelsPage(): string {
  const all = appLabels(example);
  const own = Object.entries(labelKeys) as [keyof typeof labelKeys, string][];
  const keys = new Set<string>(Object.values(labelKeys));
  const traefik = Object.entries(all).filter(([key]) => !keys.has(key));
  return page(
    'Labels',
    ['src/domain/labels.ts'],
    `The container of an app, here of branch \`feature/a\` of project 1 at deployment 7 (${code(name)}):`,
    table(['Label', 'Here', 'What it says'], own.map(([part, key]) => [code(key), code(all[key] ?? ''), labelMeanings[part]])),
    'For Traefik. Two routers, the host of the preview and the host of this one commit, lead to one service, and every answer says which version gave it:',
    table(['Label', 'Here'], traefik.map(([key, value]) => [code(key), literal(value)])),
    `A preview's network (${code(example.networkName)}) carries ${Object.keys(networkLabels(example)).map(code).join(' and ')}. Images carry none of ours: they are known by their names.`,
    `## Refused in images\n\n${reservedBecause}. A container inherits the labels of its image, so an image that brings one of these, in any case of letters, is refused and the pull request names the label.`,
  );
}

const [label = ''] = hostLabels(1, { kind: 'branch', name: 'feature/a' });
const sha = '3f2c1aa0b1c2d3e4f5061728394a5b6c7d8e9f00';
const name = containerName(label, 7);
const example = {
  instance: 'k3f2c1aa0b1',
  projectId: 1,
  previewId: 4,
  deploymentId: 7,
  sha,
  containerName: name,
  networkName: networkName(label),
  host: `${label}.kosuke.ai`,
  authority: `${label}.kosuke.ai`,
  commitHost: `${commitHostLabel(1, sha, 7)}.kosuke.ai`,
  entryPoint: 'websecure',
  port: 3000,
  edge: true,
};

/** Code that holds backticks. */
function literal(value: string): string {
  return value.includes('`') ? `\`\` ${value} \`\`` : code(value);
}
