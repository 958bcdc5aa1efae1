/** An answer as GitHub gave it last, and by what it knows that again. */
export type Known = { etag: string; data: unknown; next: string | null };

/** The newest answers to what one asker reads, so that it need not be told the same again; bounded by what it holds. */
export type KnownAnswers = {
  get(key: string): Known | undefined;
  /** Forgets the answer when `known` is null. */
  set(key: string, known: Known | null): void;
};

/** `most`: characters of JSON, over all answers. What was used longest ago goes first; one that alone is larger than that is not kept. */
export function createKnownAnswers(most: number): KnownAnswers {
  const entries = new Map<string, { known: Known; size: number }>();
  let held = 0;
  const drop = (key: string) => {
    held -= entries.get(key)?.size ?? 0;
    entries.delete(key);
  };
  return {
    get(key) {
      const entry = entries.get(key);
      if (entry === undefined) return undefined;
      entries.delete(key);
      entries.set(key, entry);
      return entry.known;
    },
    set(key, known) {
      drop(key);
      if (known === null) return;
      const size = key.length + known.etag.length + JSON.stringify(known.data).length;
      if (size > most) return;
      entries.set(key, { known, size });
      held += size;
      for (const oldest of entries.keys()) {
        if (held <= most) return;
        drop(oldest);
      }
    },
  };
}
