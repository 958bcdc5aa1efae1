export type Bounded<T> = { add: (entry: T) => void; /** A copy, oldest first. */ list: () => T[] };

/** A list that forgets its oldest entries beyond `limit`. */
export function bounded<T>(limit: number): Bounded<T> {
  let entries: T[] = [];
  return {
    add: (entry) => {
      entries.push(entry);
      if (entries.length >= limit * 2) entries = entries.slice(-limit);
    },
    list: () => entries.slice(-limit),
  };
}
