import { flagsOf, instructionsOf, isFrom, wordsOf, type Instruction } from './dockerfile-instructions.ts';
import { familiarName } from './image-name.ts';

/**
 * The instruction that BuildKit names a step for, e.g. `[build 2/5] RUN npm ci`, `[internal] load metadata for docker.io/library/node:24` or the address of an ADD; `null` when
 * none fits, or several do. Variables have their values in the names of steps: each stands for anything. A name of more than 4 KiB fits none: it would be held against each
 * instruction.
 */
export function instructionOfStep(dockerfile: string, step: string): Instruction | null {
  if (step.length > longestStep) return null;
  const all = instructionsOf(dockerfile);
  const image = /^(?:\[internal\] load metadata for|FROM) (\S+)$/.exec(step)?.[1];
  if (image !== undefined) return onlyOne(all.filter((one) => imagesOf(one).some((named) => isSame(named, image))));
  if (/^[a-z]+:\/\//.test(step)) return onlyOne(all.filter((one) => one.keyword === 'add' && wordsOf(one).some((word) => fits(plain(word), step))));
  const [, stage = '', place = '', text = ''] = /^\[(?:(\S+) )?(\d+)\/\d+\] (.+)$/s.exec(step) ?? [];
  const told = plain(text);
  const fitsStep = (one: Instruction): boolean => {
    if (isFrom(one)) return imagesOf(one).some((named) => isSame(named, told.slice('FROM '.length)));
    const own = plain(one.text);
    return fits(own, told) || (one.heredocsTo !== null && told.startsWith(`${own} (`));
  };
  const keyword = text.split(/\s/, 1)[0]!.toLowerCase();
  const alike = all.filter((one) => one.keyword === keyword);
  const stages = stage === '' ? null : stagesCalled(all, stage.toLowerCase());
  const there = alike.filter((one) => one.place === Number(place) && (stages === null || stages.has(one.stage))).filter(fitsStep);
  // What a base image does in the stages that are built on it (ONBUILD) moves the others on: then only the text tells.
  return there.length > 0 ? onlyOne(there) : onlyOne(alike.filter(fitsStep));
}

const longestStep = 4_096;

function onlyOne(found: readonly Instruction[]): Instruction | null {
  return found.length === 1 ? found[0]! : null;
}

/** With single spaces, without quotes and escapes, the keyword in capitals: names of steps have lost some of them. */
function plain(text: string): string {
  return text.replaceAll(/["'\\]/g, '').replaceAll(/\s+/g, ' ').trim().replace(/^\S+/, (keyword) => (/^[a-z]+$/.test(keyword) ? keyword.toUpperCase() : keyword));
}

/** Whether `told` is `written` with a value for each of its variables. Looks for the parts between them one after the other. */
function fits(written: string, told: string): boolean {
  const parts = written.split(/\$\{[^}]{0,200}\}|\$\w+/);
  const first = parts[0]!;
  if (parts.length === 1) return written === told;
  const last = parts.at(-1)!;
  if (!told.startsWith(first) || !told.endsWith(last) || told.length < first.length + last.length) return false;
  let at = first.length;
  for (const part of parts.slice(1, -1)) {
    const found = told.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return at <= told.length - last.length;
}

/** The images that an instruction names: FROM, `--from`, and the `from` of a mount. */
function imagesOf(instruction: Instruction): string[] {
  const words = wordsOf(instruction);
  const flags = flagsOf(instruction);
  const named = flags.flatMap((flag) => /^(?:mount=(?:.*,)?)?from=([^,]+)/.exec(flag)?.[1] ?? []);
  return isFrom(instruction) ? words.slice(flags.length, flags.length + 1) : named;
}

/** BuildKit tells the registry that is meant anyway, a tag, and the digest of what it has found. */
function isSame(written: string, told: string): boolean {
  const found = familiarName(told);
  return [written, `${written}:latest`, `${familiarName(written)}`].some((name) => fits(name, found) || fits(name, found.replace(/@sha256:[0-9a-f]{64}$/, '')));
}

/** The stages that BuildKit calls so: by their name, or their number. */
function stagesCalled(all: readonly Instruction[], called: string): Set<number> {
  const named = all.filter((one) => isFrom(one) && (called === `stage-${one.stage}` || /\sas\s+(\S+)\s*$/i.exec(one.text)?.[1]?.toLowerCase() === called));
  return new Set(named.map(({ stage }) => stage));
}
