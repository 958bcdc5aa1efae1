/** Milliseconds of `500ms 30s 5m 2h 14d`, Infinity for `never`, `null` for anything else. */
export function parseDuration(text: string): number | null {
  if (text === 'never') return Infinity;
  const match = /^(\d{1,9})(ms|s|m|h|d)$/.exec(text);
  if (!match) return null;
  return Number(match[1]) * durationUnits[match[2] as keyof typeof durationUnits];
}

const durationUnits = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Bytes of `64m 2g 512k 1024b` (powers of 1,024), `null` for anything else. */
export function parseBytes(text: string): number | null {
  const match = /^(\d{1,12})(b|k|m|g)$/i.exec(text);
  if (!match) return null;
  return Number(match[1]) * 1024 ** 'bkmg'.indexOf(match[2]!.toLowerCase());
}

/** `12 MiB`, `1.5 GiB`. */
export function sizeText(bytes: number): string {
  const mib = bytes / 1024 ** 2;
  return mib >= 1024 ? `${(mib / 1024).toFixed(1)} GiB` : `${Math.floor(mib)} MiB`;
}
