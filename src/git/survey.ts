/** What a listing of a commit shows beside its size. Paths are text. */
export type Survey = {
  /** The places of submodules, the first 1,000 or half a MiB of paths. */
  submodules: string[];
  /** Files that are small enough to be pointers of Git LFS, the first 5,000 or half a MiB of paths; `smallCount`: all of them. */
  small: { id: string; path: string }[];
  smallCount: number;
  /** The `.gitattributes` files, by their objects, the first 200. */
  attributes: string[];
};

/** Takes the entries of the listing one by one; a path has a character for each byte. */
export function createSurvey(): { see(entry: { mode: string; id: string; bytes: number; path: string }): void; result(): Survey } {
  const survey: Survey = { submodules: [], small: [], smallCount: 0, attributes: [] };
  const text = (path: string): string => Buffer.from(path, 'latin1').toString('utf8');
  const [submoduleFits, smallFits] = [createBudget(), createBudget()];
  return {
    see({ mode, id, bytes, path }) {
      if (mode === '160000') {
        if (survey.submodules.length < 1_000 && submoduleFits(path)) survey.submodules.push(text(path));
      } else if (mode.startsWith('100')) {
        if (bytes <= largestAttributes && /(?:^|\/)\.gitattributes$/.test(path) && survey.attributes.length < 200) survey.attributes.push(id);
        if (bytes < smallestPointer || bytes > largestPointer) return;
        survey.smallCount += 1;
        if (survey.small.length < 5_000 && smallFits(path)) survey.small.push({ id, path: text(path) });
      }
    },
    result: () => survey,
  };
}

/** Whether a path still fits beside those before it. */
function createBudget(): (path: string) => boolean {
  let pathBytes = 0;
  return (path) => {
    pathBytes += path.length;
    return pathBytes <= mostPathBytes;
  };
}

/** Three lines, the second with a hash of 64 digits, and at most some more: https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md */
const smallestPointer = 100;
export const largestPointer = 1_024;
/** Git reads no larger ones. */
export const largestAttributes = 100 * 1024;
const mostPathBytes = 512 * 1024;
