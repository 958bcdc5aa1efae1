/** One line of Prometheus' text format: `kosuke_passes_total{result="done"} 3`. */
export type Sample = { name: string; labels: Record<string, string>; value: number };

/** All samples of a scrape. Throws at a line that is neither a sample nor a comment. */
export function samplesOf(text: string): Sample[] {
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const { name, labels = '', value } = /^(?<name>[a-z0-9_]+)(?:\{(?<labels>.*)\})? (?<value>\S+)$/.exec(line)?.groups ?? {};
      if (name === undefined) throw new Error(`no sample: ${line}`);
      const pairs = [...labels.matchAll(/(\w+)="((?:\\.|[^"\\])*)"/g)].map((match) => [match[1], match[2]]);
      return { name, labels: Object.fromEntries(pairs) as Record<string, string>, value: Number(value) };
    });
}

/** The value of `kosuke_passes_total` with exactly these labels; `undefined` when there is none. */
export function valueOf(text: string, name: string, labels: Record<string, string> = {}): number | undefined {
  const same = (other: Record<string, string>) => Object.keys(other).length === Object.keys(labels).length && Object.entries(labels).every(([label, value]) => other[label] === value);
  return samplesOf(text).find((sample) => sample.name === name && same(sample.labels))?.value;
}
