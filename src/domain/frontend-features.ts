import { flagsOf, instructionsOf, type Instruction } from './dockerfile-instructions.ts';

/** What an engine's own Dockerfile frontend did not understand, and where. */
export type UnreadFeature = {
  /** E.g. `COPY --link`. */
  name: string;
  /** The version of the Dockerfile syntax that has it. */
  syntax: string;
  /** The first Docker Engine that reads it by itself; `null`: none does. */
  engine: string | null;
  line: number;
  /** The instruction as it stands there, in one line. */
  text: string;
};

/**
 * The feature that the engine of this version is too old for, when that is what its frontend complains about; else `null`: then the Dockerfile is wrong. `complaint` is the
 * frontend's error. Where it names a line, the feature must be used there.
 */
export function unreadFeature(dockerfile: string, complaint: string, engineVersion: string): UnreadFeature | null {
  const named = /parse error (?:on )?line (\d+)/i.exec(complaint)?.[1];
  const line = named === undefined ? null : Number(named);
  const instructions = instructionsOf(dockerfile);
  const meant = line === null ? instructions : instructions.filter(({ from, to }) => from <= line && line <= to);
  const inHeredoc = line === null ? heredocOf(dockerfile, instructions, complaint) : instructions.find(({ to, heredocsTo }) => to < line && heredocsTo !== null && line <= heredocsTo);
  const found = inHeredoc === undefined ? firstUse(meant, complaint) : { feature: heredocs, instruction: inHeredoc };
  if (found === null) return null;
  const { feature, instruction } = found;
  if (feature.engine !== null && !isOlder(engineVersion, feature.engine)) return null;
  const { name, syntax, engine } = feature;
  return { name: name.replace('*', instruction.keyword.toUpperCase()), syntax, engine, line: instruction.from, text: instruction.text };
}

/**
 * The last `--chmod` with letters before `line` (`null`: of all), which an engine of this version takes without a word and does nothing about; `null` where there is none or the
 * engine reads it.
 */
export function unreadChmod(dockerfile: string, line: number | null, engineVersion: string): UnreadFeature | null {
  const instruction = instructionsOf(dockerfile).findLast((one) => (line === null || one.from < line) && /^(?:copy|add)$/.test(one.keyword) && flagsOf(one).some((flag) => /^chmod=["']?[ugoa]*[-+=]/.test(flag)));
  if (instruction === undefined || !isOlder(engineVersion, chmodLetters.engine)) return null;
  return { name: `${instruction.keyword.toUpperCase()} --chmod with letters`, ...chmodLetters, line: instruction.from, text: instruction.text };
}

const chmodLetters = { syntax: '1.14', engine: '28.0' };

/**
 * | in the engine | its BuildKit | its Dockerfile syntax |
 * |---------------|--------------|-----------------------|
 * | 20.10         | 0.8          | 1.2                   |
 * | 23.0          | 0.10         | 1.4                   |
 * | 24.0          | 0.11         | 1.5                   |
 * | 25.0          | 0.12         | 1.6                   |
 * | 26.0          | 0.13         | 1.7                   |
 * | 27.3          | 0.16         | 1.10                  |
 * | 28.0          | 0.20         | 1.14                  |
 * | 28.3          | 0.23         | 1.17                  |
 * | 28.5          | 0.25         | 1.19                  |
 * | 29.1          | 0.26         | 1.20                  |
 *
 * From `vendor.mod` at the tags of moby/moby, and `frontend/dockerfile/` of moby/buildkit at the tags named there: what is behind a build tag for `-labs` is in no engine.
 */
type Feature = { name: string; syntax: string; engine: string | null; uses(instruction: Instruction): boolean; complaint: RegExp };

const heredocs: Feature = { name: 'here-documents', syntax: '1.4', engine: '23.0', uses: () => false, complaint: /^/ };

/** `name`: `*` stands for the instruction. */
const features: readonly Feature[] = [
  flag(['copy', 'add'], 'link', '1.4', '23.0'),
  flag(['run'], 'network', '1.3', '23.0'),
  mountKey('tmpfs', 'size', '1.4', '23.0'),
  flag(['add'], 'checksum', '1.6', '25.0', /requires the labs channel/),
  flag(['add'], 'keep-git-dir', '1.6', '25.0'),
  { name: 'ADD of a git repository', syntax: '1.6', engine: '25.0', uses: ({ keyword }) => keyword === 'add', complaint: /ADD <git ref> requires the labs channel/ },
  flag(['healthcheck'], 'start-interval', '1.6', '25.0'),
  expansion('${name-word}', /\$\{\w+[-+?]/, '1.6', '25.0'),
  expansion('${name#pattern}', /\$\{\w+[#%/]/, '1.7', '26.0'),
  mountKey('secret', 'env', '1.10', '27.3'),
  {
    name: '* --chmod with letters',
    ...chmodLetters,
    uses: (instruction) => flagsOf(instruction).some((one) => /^chmod=.*[^0-7]/.test(one)),
    complaint: /invalid chmod parameter/,
  },
  flag(['add'], 'unpack', '1.17', '28.3'),
  flag(['copy', 'add'], 'exclude', '1.19', '28.5'),
  flag(['copy'], 'parents', '1.20', '29.1'),
  flag(['run'], 'security', '1.20', '29.1'),
  flag(['run'], 'device', '1.14-labs', null, /device feature is only supported/),
];

/** Of lines that begin with ENV, LABEL or ARG, engine 20.10 names what it does not understand and not the line: the here-document that holds such a one, as `env A=1 npm ci`. */
function heredocOf(dockerfile: string, instructions: readonly Instruction[], complaint: string): Instruction | undefined {
  const [, word, keyword] = /can't find = in "([^"]+)"|(ENV|LABEL) must have two arguments/.exec(complaint) ?? [];
  if (word === undefined && keyword === undefined) return undefined;
  const lines = dockerfile.split('\n');
  const broken = (text: string) => /^\s*(?:env|label|arg)\s/i.test(text) && (keyword === undefined ? text.includes(word!) : text.trim().toUpperCase().startsWith(keyword) && !text.includes('='));
  return instructions.find(({ to, heredocsTo }) => heredocsTo !== null && lines.slice(to, heredocsTo).some(broken));
}

function firstUse(instructions: readonly Instruction[], complaint: string): { feature: Feature; instruction: Instruction } | null {
  const complained = features.filter((feature) => feature.complaint.test(complaint));
  for (const instruction of instructions) {
    const feature = complained.find((one) => one.uses(instruction));
    if (feature !== undefined) return { feature, instruction };
  }
  return null;
}

function flag(keywords: readonly string[], name: string, syntax: string, engine: string | null, also?: RegExp): Feature {
  const unknown = `unknown flag: (?:--)?${name}(?![\\w-])`;
  return {
    name: `* --${name}`,
    syntax,
    engine,
    uses: (instruction) => keywords.includes(instruction.keyword) && flagsOf(instruction).some((one) => one === name || one.startsWith(`${name}=`)),
    complaint: new RegExp(also === undefined ? unknown : `${unknown}|${also.source}`, 'i'),
  };
}

function mountKey(type: string, key: string, syntax: string, engine: string): Feature {
  return {
    name: `RUN --mount=type=${type} with ${key}=`,
    syntax,
    engine,
    uses: (instruction) =>
      instruction.keyword === 'run' && flagsOf(instruction).some((one) => one.startsWith('mount=') && one.includes(`type=${type}`) && new RegExp(`[=,]${key}=`).test(one)),
    complaint: new RegExp(`unexpected key '${key}'`),
  };
}

function expansion(name: string, pattern: RegExp, syntax: string, engine: string): Feature {
  return { name, syntax, engine, uses: ({ text }) => pattern.test(text), complaint: /missing ':' in substitution|unsupported modifier \(.*\) in substitution/ };
}

/** By the first two numbers of each, e.g. of `20.10.24+dfsg1`. A version that begins with no numbers is taken for a new one. */
function isOlder(version: string, than: string): boolean {
  const [major, minor] = numbersOf(version);
  const [wantedMajor, wantedMinor] = numbersOf(than);
  return major < wantedMajor || (major === wantedMajor && minor < wantedMinor);
}

function numbersOf(version: string): [number, number] {
  const [, major, minor = '0'] = /^v?(\d+)(?:\.(\d+))?/.exec(version) ?? [];
  return major === undefined ? [Infinity, 0] : [Number(major), Number(minor)];
}
