/** What several measurements of one thing say: the one in the middle, and how far they lie apart. */
export type Spread = { median: number; least: number; most: number; count: number };

/** @throws RangeError when there is nothing to sum up. */
export function spreadOf(values: readonly number[]): Spread {
  if (values.length === 0) throw new RangeError('no values');
  const sorted = values.toSorted((a, b) => a - b);
  return { median: quantile(sorted, 0.5), least: sorted[0]!, most: sorted.at(-1)!, count: sorted.length };
}

/** Of values in order: the one below which the given part of them lies, between two neighbours in proportion. */
export function quantile(sorted: readonly number[], part: number): number {
  const at = part * (sorted.length - 1);
  const low = sorted[Math.floor(at)];
  const high = sorted[Math.ceil(at)];
  if (low === undefined || high === undefined) throw new RangeError('no values');
  return low + (high - low) * (at - Math.floor(at));
}

/** Ratios of what was measured side by side, round by round: a slow moment of the machine weighs on both. */
export function ratios(ours: readonly number[], theirs: readonly number[]): number[] {
  if (ours.length !== theirs.length) throw new RangeError(`${ours.length} rounds of one, ${theirs.length} of the other`);
  return ours.map((value, at) => value / theirs[at]!);
}
