import type { Token } from './ignore-rules.ts';

/**
 * Where a rule may be after a part of a path: indices of the token to come, its length being the end; `covered` when a folder above
 * was matched whole.
 */
export type Places = Int32Array | 'covered';

export type Walker = {
  start: Places;
  /** Goes on over `text` (code points). `spend` hears of the steps that each character takes and may throw. */
  walk(from: Places, text: readonly number[], spend: (steps: number) => void): Places;
  matches(places: Places): boolean;
};

/** Walks over paths with all places of a rule at once, each at most once per character: no pattern makes it go back. */
export function createWalker(tokens: readonly Token[]): Walker {
  const end = tokens.length;
  const seen = new Int32Array(end + 1);
  let round = 0;
  let here = new Int32Array(end + 1);
  let next = new Int32Array(end + 1);
  let count = 0;

  const begin = (): void => {
    round += 1;
    count = 0;
  };
  const reach = (place: number): void => {
    if (seen[place] === round) return;
    seen[place] = round;
    next[count++] = place;
  };
  /** Adds what is reached without a character. */
  const close = (): void => {
    for (let at = 0; at < count; at++) {
      const place = next[at]!;
      const kind = tokens[place]?.kind;
      if (kind === 'run' || kind === 'rest' || kind === 'skip') reach(place + 1);
      if (kind === 'skip') reach(place + 2);
    }
  };

  begin();
  reach(0);
  close();
  return {
    start: next.slice(0, count),
    walk(from, text, spend) {
      if (from === 'covered') return from;
      here.set(from);
      let width = from.length;
      for (const char of text) {
        if (width === 0) break;
        if (char === slash && here.subarray(0, width).includes(end)) return 'covered';
        let steps = width;
        begin();
        for (let at = 0; at < width; at++) {
          const place = here[at]!;
          const token = tokens[place];
          if (token === undefined) continue;
          if (token.kind === 'class') steps += token.ranges.length;
          if (stays(token, char)) reach(place);
          if (goesOn(token, char)) reach(place + 1);
        }
        close();
        spend(steps + count);
        [here, next, width] = [next, here, count];
      }
      return here.slice(0, width);
    },
    matches: (places) => places === 'covered' || places.includes(end),
  };
}

const slash = 47;

function stays(token: Token, char: number): boolean {
  return token.kind === 'rest' || token.kind === 'folders' || (token.kind === 'run' && char !== slash);
}

function goesOn(token: Token, char: number): boolean {
  if (token.kind === 'literal') return token.char === char;
  if (token.kind === 'one') return char !== slash;
  if (token.kind === 'folders') return char === slash;
  return token.kind === 'class' && token.ranges.some(([low, high]) => low <= char && char <= high) !== token.negated;
}
