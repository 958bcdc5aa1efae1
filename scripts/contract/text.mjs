/**
 * A cut as it is committed: sorted, so that the same description gives the same bytes, and with a line for each operation, webhook
 * and schema, so that a newer description shows what it changes.
 *
 * @param {Record<string, unknown>} cut
 * @returns {string}
 */
export function textOf(cut) {
  const parts = Object.entries(cut).map(([name, value]) => {
    if (!tables.has(name)) return `${JSON.stringify(name)}: ${JSON.stringify(sorted(value))}`;
    const lines = Object.entries(sorted(value)).map(([key, one]) => `${JSON.stringify(key)}: ${JSON.stringify(one)}`);
    return `${JSON.stringify(name)}: {\n${lines.join(',\n')}\n}`;
  });
  return `{\n${parts.join(',\n')}\n}\n`;
}

const tables = new Set(['operations', 'webhooks', 'schemas']);

/** Keys in the order of their code units, all the way down; lists as they are. */
export function sorted(value) {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, one]) => [key, sorted(one)]));
}
