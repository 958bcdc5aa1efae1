/** The last `limit` items that were added. */
export type Tail<T> = { add(item: T): void; items(): T[] };

export function createTail<T>(limit: number): Tail<T> {
  const kept: T[] = [];
  return {
    add(item) {
      kept.push(item);
      if (kept.length > limit) kept.shift();
    },
    items: () => [...kept],
  };
}
