import { gitEnv, scrub } from './env.ts';
import { gitError, tellsOfDamage } from './failure.ts';
import type { ReadingPlace } from './objects.ts';
import { startGit } from './run.ts';

/** One git process that hands out objects as they are asked for, one at a time. */
export type Objects = {
  /**
   * Git's id and content of an object, by its name or anything that git resolves to it; `null` when there is none of that kind; `too-large`
   * when it has more than `maxBytes`, which nobody reads: nothing can be asked after that.
   */
  read(name: string, kind: 'blob' | 'tree' | 'commit', maxBytes: number): Promise<{ id: string; content: Buffer } | null | 'too-large'>;
  /** The same of many, one after another, asked for at once: git does not wait for us between them. Who stops reading asks no more. */
  readEach(names: readonly string[], kind: 'blob', maxBytes: number): AsyncGenerator<{ id: string; content: Buffer } | null | 'too-large'>;
  /** Ends git; resolves when it has ended. */
  close(): Promise<void>;
};

/**
 * Starts it. Reading throws `KosukeError` (`git`) when git breaks off or takes longer than the place's limit, and with the signal's reason.
 * https://git-scm.com/docs/git-cat-file#_batch_output
 */
export function openObjects(place: ReadingPlace, signal: AbortSignal): Objects {
  signal.throwIfAborted();
  const doing = `Reading the files at ${place.sha.slice(0, 7)} failed`;
  const git = startGit(['--git-dir', place.mirror, 'cat-file', '--batch'], gitEnv([]), { stdin: true });
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    git.stop();
  }, place.limitMs);
  signal.addEventListener('abort', git.stop, { once: true });
  // A git that has ended says so at its output; what was written to it meanwhile does not matter.
  git.stdin.on('error', () => undefined);
  const ended = git.ended.finally(() => {
    clearTimeout(timer);
    signal.removeEventListener('abort', git.stop);
  });
  ended.catch(() => undefined);
  const output = readerOf(git.stdout);

  const brokeOff = async (): Promise<Error> => {
    const { stderr } = await ended;
    signal.throwIfAborted();
    if (late) return gitError(doing, `It took longer than ${place.limitMs / 1000} s`);
    if (tellsOfDamage(stderr)) place.onDamage();
    return gitError(doing, scrub(stderr));
  };

  const answer = async (kind: string, maxBytes: number): Promise<{ id: string; content: Buffer } | null | 'too-large'> => {
    const head = await output.line();
    if (head === null) throw await brokeOff();
    const [, id = '', is = '', size = ''] = /^([0-9a-f]+) (\w+) (\d+)$/.exec(head) ?? [];
    if (id === '') return null;
    if (Number(size) > maxBytes) return 'too-large';
    const content = await output.exactly(Number(size) + 1);
    if (content === null) throw await brokeOff();
    return is === kind ? { id, content: content.subarray(0, -1) } : null;
  };

  return {
    async read(name, kind, maxBytes) {
      git.stdin.write(`${name}\n`);
      return await answer(kind, maxBytes);
    },
    async *readEach(names, kind, maxBytes) {
      git.stdin.write(names.map((name) => `${name}\n`).join(''));
      for (let left = names.length; left > 0; left -= 1) yield await answer(kind, maxBytes);
    },
    async close() {
      git.stdin.end();
      // What nobody reads any more would keep the output open.
      git.stdout.destroy();
      git.stop();
      await ended.catch(() => undefined);
    },
  };
}

/** Lines and counted bytes of a stream; `null` when it ends before. */
function readerOf(source: AsyncIterable<Buffer>) {
  const chunks = source[Symbol.asyncIterator]();
  let kept: Buffer = Buffer.alloc(0);
  /** What is kept grows by at least `least` bytes in one copy: a copy for each chunk would take time by the square of the size. */
  const more = async (least = 1): Promise<boolean> => {
    const parts = [kept];
    for (let read = 0; read < least; ) {
      const { done, value } = await chunks.next();
      if (done === true) return false;
      parts.push(value);
      read += value.length;
    }
    kept = Buffer.concat(parts);
    return true;
  };
  const take = (length: number, skip: number): Buffer => {
    const part = kept.subarray(0, length);
    kept = kept.subarray(length + skip);
    return part;
  };
  return {
    async line(): Promise<string | null> {
      for (;;) {
        const end = kept.indexOf(0x0a);
        if (end >= 0) return take(end, 1).toString('utf8');
        if (!(await more())) return null;
      }
    },
    async exactly(length: number): Promise<Buffer | null> {
      if (kept.length < length && !(await more(length - kept.length))) return null;
      return take(length, 0);
    },
  };
}
