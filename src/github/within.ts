/**
 * The promise's outcome, or a rejection after `ms`. What it stood for goes on by itself; a later rejection of it is not lost on the
 * process, for it was handled here.
 */
export async function within<T>(ms: number, promise: Promise<T>, doing: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`${doing} took longer than ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
