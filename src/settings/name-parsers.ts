import { entryPointPattern, instancePattern } from '../domain/labels.ts';
import type { Parser } from './parsers.ts';

export const listenAddress = matching(
  /^[A-Za-z0-9.:_-]+$/,
  'is not an address to listen on. Set it to one without a port, for example 127.0.0.1 or 0.0.0.0.',
);

export const entryPoint = matching(
  entryPointPattern,
  'is not the name of an entry point. Set it to a name of letters, digits, _ and -, for example websecure.',
);

export const containerName = matching(
  /^[A-Za-z0-9][A-Za-z0-9_.-]*$/,
  'is not the name of a container. Set it to the name that docker ps shows for Traefik, or leave it out.',
);

export const instanceId = matching(
  instancePattern,
  'is not an instance id. Set it to 4 to 63 lower-case letters, digits and -, beginning with a letter or a digit, or leave it out.',
);

export const imageName = matching(
  /^[a-z0-9][A-Za-z0-9._/:@-]*$/,
  'is not the name of an image. Set it to one, for example node:24-slim.',
);

/** GitHub accounts with commas between them: lower-cased, each once. */
export const accounts: Parser<string[]> = (text) => {
  const names = text.split(',').map((name) => name.trim().toLowerCase()).filter((name) => name !== '');
  if (names.length > 0 && names.every((name) => /^[a-z0-9_-]{1,100}$/.test(name))) return { value: [...new Set(names)] };
  return { problem: 'is not a list of GitHub accounts. Set it to their names with commas between them, for example acme,octocat.' };
};

function matching(pattern: RegExp, problem: string): Parser<string> {
  return (text) => (pattern.test(text) ? { value: text } : { problem });
}
