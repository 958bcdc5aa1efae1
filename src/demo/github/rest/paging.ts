import type { Call, Reply } from './routes.ts';

/** One page of a list, with GitHub's Link header; 30 entries by default, 100 at most. */
export function page<T>(call: Call, items: T[], shape: (item: T) => unknown): Reply {
  const { shown, headers } = slice(call, items);
  return { status: 200, body: shown.map(shape), headers };
}

/** One page of a list that stands below `key`, beside its total. */
export function countedPage<T>(call: Call, key: string, items: T[], shape: (item: T) => unknown): Reply {
  const { shown, headers } = slice(call, items);
  return { status: 200, body: { total_count: items.length, [key]: shown.map(shape) }, headers };
}

function slice<T>(call: Call, items: T[]): { shown: T[]; headers: Record<string, string> } {
  const size = Math.min(whole(call, 'per_page', 30), 100);
  const at = whole(call, 'page', 1);
  const last = Math.max(1, Math.ceil(items.length / size));
  const links = [
    ...(at > 1 ? [link(call, 'prev', Math.min(at - 1, last))] : []),
    ...(at < last ? [link(call, 'next', at + 1), link(call, 'last', last)] : []),
    ...(at > 1 ? [link(call, 'first', 1)] : []),
  ];
  return { shown: items.slice((at - 1) * size, at * size), headers: links.length > 0 ? { Link: links.join(', ') } : {} };
}

/** A whole number above 0 from the query, or what stands for it. */
export function whole(call: Call, name: string, otherwise: number): number {
  const value = Number(call.query.get(name) ?? otherwise);
  return Number.isSafeInteger(value) && value > 0 ? value : otherwise;
}

function link(call: Call, rel: string, at: number): string {
  const url = new URL(call.url);
  url.searchParams.set('page', String(at));
  return `<${url.href}>; rel="${rel}"`;
}
