import { flagsOf, instructionsOf, isFrom, wordsOf, type Instruction } from './dockerfile-instructions.ts';
import { familiarName } from './image-name.ts';

/**
 * The instruction that BuildKit names a step for, e.g. `[build 2/5] RUN npm ci`, `[internal] load metadata for docker.io/library/node:24` or the address of an ADD; `null` when
 * none fits, or several do. Variables have their values in the names of steps: each stands for anything.
 */
export function instructionOfStep(dockerfile: string, step: string): Instruction | null {
  const all = instructionsOf(dockerfile);
  const image = /^(?:\[internal\] load metadata for|FROM) (\S+)$/.exec(step)?.[1];
  if (image !== undefined) return onlyOne(all.filter((one) => imagesOf(one).some((named) => isSame(named, image))));
  if (/^[a-z]+:\/\//.test(step)) return onlyOne(all.filter((one) => one.keyword === 'add' && wordsOf(one).some((word) => fits(plain(word), step))));
  const [, stage = '', place = '', text = ''] = /^\[(?:(\S+) )?(\d+)\/\d+\] (.+)$/s.exec(step) ?? [];
  const told = plain(text);
  const fitting = all.filter((one) => {
    if (one.keyword !== text.split(/\s/, 1)[0]!.toLowerCase()) return false;
    if (isFrom(one)) return imagesOf(one).some((named) => isSame(named, told.slice('FROM '.length)));
    const own = plain(one.text);
    return fits(own, told) || (one.heredocsTo !== null && told.startsWith(`${own} (`));
  });
  if (fitting.length < 2) return onlyOne(fitting);
  const inStage = stage === '' ? fitting : fitting.filter((one) => stagesOf(all, one).includes(stage.toLowerCase()));
  return onlyOne(inStage.filter((one) => one.place === Number(place)));
}

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

/** What BuildKit calls the stage of an instruction: its name, or its number. */
function stagesOf(all: readonly Instruction[], { stage }: Instruction): string[] {
  const from = all.find((one) => one.stage === stage && isFrom(one));
  const name = from === undefined ? undefined : /\sas\s+(\S+)\s*$/i.exec(from.text)?.[1];
  return [`stage-${stage}`, ...(name === undefined ? [] : [name.toLowerCase()])];
}
