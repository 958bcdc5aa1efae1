import type { RestCut, RestOperation } from './cut.ts';

export type Found = { name: string; operation: RestOperation; params: Record<string, string> };

/**
 * Finds the operation of a request by what GitHub describes, not by our own routes; `path` as it was sent. The addresses below
 * `/repositories/{id}`, to which GitHub redirects those of a renamed repository, are taken as the ones that it describes.
 */
export function operationFinder({ operations }: RestCut): (method: string, path: string) => Found | undefined {
  const entries = Object.entries(operations).map(([name, operation]) => ({ name, operation, ...patternOf(name, operation) }));
  return (method, path) => {
    const address = `${method} ${path.replace(/^\/repositories\/\d+(?=\/|$)/, '/repos/-/-')}`;
    for (const { name, operation, pattern, names } of entries) {
      const match = pattern.exec(address);
      if (match) return { name, operation, params: Object.fromEntries(names.map((param, at) => [param, decoded(match[at + 1] ?? '')])) };
    }
    return undefined;
  };
}

function patternOf(name: string, { multiSegment }: RestOperation): { pattern: RegExp; names: string[] } {
  const names: string[] = [];
  const source = name.replaceAll(/\{(\w+)\}|[^{]+/g, (part, param: string | undefined) => {
    if (param === undefined) return part.replaceAll(/[.*+?^$()|[\]\\]/g, String.raw`\$&`);
    names.push(param);
    return multiSegment.includes(param) ? '(.+)' : '([^/]+)';
  });
  return { pattern: new RegExp(`^${source}$`), names };
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
