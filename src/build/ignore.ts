import { KosukeError } from '../domain/errors.ts';
import { parseRules } from './ignore-rules.ts';
import { createWalker } from './ignore-walk.ts';

/** `ignores` tells of a path (`/` between names, none at its ends) whether it is left out; `steps` is the work done so far. */
export type Ignore = { ignores(path: string): boolean; steps(): number };

/**
 * The rules of a `.dockerignore` as a question: the last rule that matches the path or a folder above it decides. A path takes at most
 * its length times that of the rules, whatever their pattern. Throws like `parseRules`, and `ignores` throws `KosukeError` (`too-large`,
 * fault app) when one path takes more than ten million steps, or all of them two thousand million: far from what rules of people take.
 */
export function createIgnore(text: string): Ignore {
  const rules = parseRules(text).map(({ tokens, reincludes }) => ({ ...createWalker(tokens), reincludes }));
  let all = 0;
  let ofPath = 0;
  const spend = (steps: number): void => {
    ofPath += steps;
    all += steps;
    if (ofPath > mostOfPath || all > mostOfAll) throw tooMuchWork();
  };
  // Files of a folder mostly follow one another: its part of the walk is made once.
  let folder = '';
  let inFolder = rules.map(({ start }) => start);

  return {
    ignores(path) {
      ofPath = 0;
      const nameAt = path.lastIndexOf('/') + 1;
      if (path.slice(0, nameAt) !== folder) {
        const above = codePoints(path.slice(0, nameAt));
        inFolder = rules.map(({ start, walk }) => walk(start, above, spend));
        folder = path.slice(0, nameAt);
      }
      const name = codePoints(path.slice(nameAt));
      const deciding = rules.findLast(({ walk, matches }, at) => matches(walk(inFolder[at]!, name, spend)));
      return deciding !== undefined && !deciding.reincludes;
    },
    steps: () => all,
  };
}

const mostOfPath = 10_000_000;
const mostOfAll = 2_000_000_000;

function codePoints(text: string): number[] {
  return Array.from(text, (char) => char.codePointAt(0)!);
}

function tooMuchWork(): KosukeError {
  return new KosukeError({
    code: 'too-large',
    fault: 'app',
    what: 'The .dockerignore takes too long to apply',
    why: 'its rules hold so many stars that looking for them in every path has no end in sight',
    next: 'Use fewer or plainer rules, e.g. name folders, and push.',
  });
}
