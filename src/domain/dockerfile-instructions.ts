/** One instruction of a Dockerfile. Lines are counted from 1, as the engine does. */
export type Instruction = {
  /** In lower case; whatever stands there, an instruction or not. */
  keyword: string;
  /** From the keyword on, in one line: without comments, and without the marks by which it goes on in the next line. */
  text: string;
  from: number;
  /** Its last line, without here-documents. */
  to: number;
  /** The last line of its here-documents, `null` without one. */
  heredocsTo: number | null;
  /** The stage it belongs to, counted from 0; -1 before the first FROM. */
  stage: number;
  /** Its place in the stage as the engine counts steps: FROM is 1, then ADD, COPY, RUN and WORKDIR; 0 for all others. */
  place: number;
};

/**
 * The instructions of a Dockerfile as newer engines read it (moby/buildkit `frontend/dockerfile/parser`): the escape directive, lines that go on, comments between
 * them, and here-documents, whose lines are no instructions. Takes whatever is there; time grows with the length. A text of more than 20,000 lines has none: nothing of it is
 * named then, and no argument is given to it.
 */
export function instructionsOf(text: string): Instruction[] {
  const lines = text.replace(/^\uFEFF/, '').split('\n', mostLines + 1).map(withoutReturns);
  if (lines.length > mostLines) return [];
  const escape = escapeOf(lines);
  const lastAt = new Map(lines.map((line, at) => [line, at]));
  const lastChomped = new Map(lines.map((line, at) => [line.replace(/^\t+/, ''), at]));
  const found: Instruction[] = [];
  let stage = -1;
  let steps = 0;
  for (let at = 0; at < lines.length; ) {
    const from = at;
    const first = lines[at++]!.trimStart();
    if (first === '' || first.startsWith('#')) continue;
    const parts: string[] = [];
    let { rest, goesOn } = continued(first, escape);
    for (parts.push(rest); goesOn && at < lines.length; ) {
      const line = lines[at++]!;
      if (/^\s*(?:#|$)/.test(line)) continue;
      ({ rest, goesOn } = continued(line, escape));
      parts.push(rest);
    }
    const whole = parts.join('');
    const keyword = /^\S*/.exec(whole)![0].toLowerCase();
    const to = at;
    for (const { name, chomps } of heredocsIn(keyword, whole)) {
      // One without an end is none, and is not looked for through all that follows.
      if (((chomps ? lastChomped : lastAt).get(name) ?? -1) < at) break;
      let end = at;
      while ((chomps ? lines[end]!.replace(/^\t+/, '') : lines[end]) !== name) end += 1;
      at = end + 1;
    }
    if (isFrom({ keyword })) {
      stage += 1;
      steps = 0;
    }
    if (counted.test(keyword)) steps += 1;
    found.push({ keyword, text: whole, from: from + 1, to, heredocsTo: at > to ? at : null, stage, place: counted.test(keyword) ? steps : 0 });
  }
  return found;
}

/** The words of an instruction after its keyword, quotes and all; what is quoted or escaped is not divided. */
export function wordsOf({ text }: Pick<Instruction, 'text'>): string[] {
  return (text.match(/(?:\\.|"(?:\\.|[^"\\])*"?|'[^']*'?|[^\s"'\\]|\\$)+/gs) ?? []).slice(1);
}

/** The flags of an instruction: the words before the first that does not begin with `--`, without those marks. */
export function flagsOf(instruction: Pick<Instruction, 'text'>): string[] {
  const words = wordsOf(instruction);
  const end = words.findIndex((word) => !/^--[^-]/.test(word));
  return words.slice(0, end < 0 ? words.length : end).map((word) => word.slice(2));
}

export function isFrom({ keyword }: Pick<Instruction, 'keyword'>): boolean {
  return /^from$/.test(keyword);
}

const mostLines = 20_000;
const counted = /^(?:from|add|copy|run|workdir)$/;

/** As `/\r+$/`, which begins anew at each of a million of them. */
function withoutReturns(line: string): string {
  let end = line.length;
  while (line[end - 1] === '\r') end -= 1;
  return line.slice(0, end);
}

/** The escape directive among the leading ones; `\` without. */
function escapeOf(lines: readonly string[]): string {
  for (const line of lines) {
    const [, name = '', value = ''] = /^\s*#\s*([A-Za-z][A-Za-z0-9]*)\s*=(.*)$/.exec(line) ?? [];
    if (!/^(?:syntax|escape|check)$/i.test(name)) break;
    if (name.toLowerCase() === 'escape') return value.trim() === '`' ? '`' : '\\';
  }
  return '\\';
}

/** A line goes on when its last character is the escape, and the one before is not. */
function continued(line: string, escape: string): { rest: string; goesOn: boolean } {
  let end = line.length;
  while (line[end - 1] === ' ' || line[end - 1] === '\t') end -= 1;
  const goesOn = line[end - 1] === escape && line[end - 2] !== escape;
  return { rest: goesOn ? line.slice(0, end - 1) : line, goesOn };
}

function heredocsIn(keyword: string, text: string): { name: string; chomps: boolean }[] {
  if (!/^(?:add|copy|run|onbuild)$/.test(keyword) || !text.includes('<<')) return [];
  return wordsOf({ text }).flatMap((word) => {
    const [, chomp = '', raw = ''] = /^\d*<<(-?)([^<]+)$/.exec(word) ?? [];
    const name = raw.replace(/["'\\]/g, '');
    return name === '' ? [] : [{ name, chomps: chomp === '-' }];
  });
}
