import type { Objects } from './batch.ts';
import { largestAttributes, largestPointer, type Survey } from './survey.ts';

/**
 * The paths of files that are pointers of Git LFS, the first 1,000. Small files are looked into when the attributes of the repository speak of LFS, or there are no more than
 * 2,000 of them; `unread`: how many others there are, of which nothing is known. Nothing can be asked of `objects` after that.
 */
export async function lfsPointers(objects: Objects, { small, smallCount, attributes }: Survey): Promise<{ found: string[]; unread: number }> {
  if (small.length === 0 || (smallCount > fewFiles && !(await speaksOfLfs(objects, attributes)))) return { found: [], unread: 0 };
  const found: string[] = [];
  let at = 0;
  for await (const file of objects.readEach(small.map(({ id }) => id), 'blob', largestPointer)) {
    if (file === 'too-large' || found.length === 1_000) break;
    if (file?.content.subarray(0, mark.length).equals(mark)) found.push(small[at]!.path);
    at += 1;
  }
  return { found, unread: smallCount - small.length };
}

async function speaksOfLfs(objects: Objects, attributes: readonly string[]): Promise<boolean> {
  for (const id of attributes) {
    const file = await objects.read(id, 'blob', largestAttributes);
    if (file === 'too-large') return false;
    if (file?.content.includes('filter=lfs')) return true;
  }
  return false;
}

const fewFiles = 2_000;
const mark = Buffer.from('version https://git-lfs.github.com/spec/');
