import { KosukeError } from '../domain/errors.ts';

/**
 * One step of a rule. `one` and `run` stand for any character but `/` (`?`, `*`); `rest` for all that follows; `skip` may be passed
 * together with the `folders` after it, which stands for any characters up to and with a `/`: the two are the double star.
 * Characters are code points.
 */
export type Token =
  | { kind: 'literal'; char: number }
  | { kind: 'class'; ranges: readonly (readonly [low: number, high: number])[]; negated: boolean }
  | { kind: 'one' | 'run' | 'rest' | 'skip' | 'folders' };

export type Rule = { tokens: readonly Token[]; reincludes: boolean };

/**
 * The rules of a `.dockerignore` in their order, read as the engine's own tools do (moby/patternmatcher: `ignorefile.ReadAll` and
 * `Pattern.compile`). Throws `KosukeError` (fault app): `build-failed` for a rule that is none, which those tools refuse, too, and
 * `too-large` beyond 64 KiB or 1,000 rules.
 */
export function parseRules(text: string): Rule[] {
  if (Buffer.byteLength(text) > longestText) throw tooLarge('It is larger than 64 KiB');
  const rules: Rule[] = [];
  for (const line of text.replace(/^\uFEFF/, '').split('\n')) {
    if (line.startsWith('#') || line.trim() === '') continue;
    if (rules.length === mostRules) throw tooLarge(`It holds more than ${mostRules.toLocaleString('en')} rules`);
    const written = line.trim();
    const reincludes = written.startsWith('!');
    const pattern = cleaned(reincludes ? written.slice(1).trim() : written);
    if (pattern === '') throw badRule(written, 'There is nothing after the !');
    rules.push({ tokens: tokensOf(pattern, written), reincludes });
  }
  return rules;
}

const longestText = 64 * 1024;
const mostRules = 1_000;

/** Go's `path.Clean`, and no `/` at the start. */
function cleaned(pattern: string): string {
  if (pattern === '') return '';
  const rooted = pattern.startsWith('/');
  const kept: string[] = [];
  for (const part of pattern.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') kept.push(part);
    else if (kept.length > 0 && kept.at(-1) !== '..') kept.pop();
    else if (!rooted) kept.push(part);
  }
  return kept.join('/') || (rooted ? '/' : '.');
}

function tokensOf(pattern: string, written: string): Token[] {
  // The one case in which a double star is not about whole folders: `**.log`.
  if (/^\*\*[^*?[\]\\/][^*?[\]\\]*$/.test(pattern)) return [{ kind: 'rest' }, ...literals(pattern.slice(2))];
  const chars = [...pattern];
  const tokens: Token[] = [];
  for (let at = 0; at < chars.length; ) {
    const char = chars[at++]!;
    if (char === '*' && chars[at] === '*') {
      at += chars[at + 1] === '/' ? 2 : 1;
      tokens.push(...(at === chars.length ? [{ kind: 'rest' } as const] : [{ kind: 'skip' } as const, { kind: 'folders' } as const]));
    } else if (char === '*') {
      tokens.push({ kind: 'run' });
    } else if (char === '?') {
      tokens.push({ kind: 'one' });
    } else if (char === '[') {
      const found = classAt(chars, at, written);
      tokens.push(found.token);
      at = found.next;
    } else if (char === '\\') {
      tokens.push({ kind: 'literal', char: (chars[at++] ?? char).codePointAt(0)! });
    } else {
      tokens.push({ kind: 'literal', char: char.codePointAt(0)! });
    }
  }
  return tokens;
}

function literals(text: string): Token[] {
  return [...text].map((char) => ({ kind: 'literal', char: char.codePointAt(0)! }));
}

/** What stands between `[` and `]` from `from` on: `^` first negates, `a-z` is a range, `\` takes the next as it is (Go's `path.Match`). */
function classAt(chars: readonly string[], from: number, written: string): { token: Token; next: number } {
  let at = from;
  const negated = chars[at] === '^';
  if (negated) at += 1;
  const ranges: [number, number][] = [];
  const bound = (): number => {
    const char = chars[at] === '\\' ? chars[++at] : chars[at] === '-' || chars[at] === ']' ? undefined : chars[at];
    if (char === undefined) throw badRule(written, 'A [ has no end, or a range in it none');
    at += 1;
    return char.codePointAt(0)!;
  };
  while (chars[at] !== ']' || ranges.length === 0) {
    const low = bound();
    const isRange = chars[at] === '-';
    if (isRange) at += 1;
    const high = isRange ? bound() : low;
    if (high < low) throw badRule(written, 'A range in it ends before it begins');
    ranges.push([low, high]);
  }
  return { token: { kind: 'class', ranges, negated }, next: at + 1 };
}

function badRule(written: string, why: string): KosukeError {
  const rule = written.length > 200 ? `${written.slice(0, 200)}…`.toWellFormed() : written;
  return new KosukeError({
    code: 'build-failed',
    fault: 'app',
    what: `The .dockerignore holds a rule that cannot be read: ${rule}`,
    why,
    next: 'Mend the rule and push.',
  });
}

function tooLarge(why: string): KosukeError {
  return new KosukeError({ code: 'too-large', fault: 'app', what: 'The .dockerignore is too large', why, next: 'Use fewer or shorter rules, e.g. name folders, and push.' });
}
