export type Form = 'html' | 'json' | 'text';

/**
 * The form in which a client wants an answer, by its `Accept` header: a browser gets a page, who asks for JSON gets it, and whoever
 * takes anything (curl) gets plain text. Of several the one with the highest weight; of equal ones the page, then JSON.
 */
export function formOf(accept: string | null): Form {
  let best: { form: Form; weight: number } = { form: 'text', weight: 0 };
  for (const [form, types] of formTypes) {
    const weight = Math.max(0, ...types.map((type) => weightOf(accept ?? '', type)));
    if (weight > best.weight) best = { form, weight };
  }
  return best.form;
}

const formTypes: readonly (readonly [Form, readonly string[]])[] = [
  ['html', ['text/html', 'application/xhtml+xml']],
  ['json', ['application/json', 'application/problem+json']],
  ['text', ['text/plain', 'text/*']],
];

function weightOf(accept: string, type: string): number {
  for (const entry of accept.toLowerCase().split(',').slice(0, 50)) {
    const [name, ...parameters] = entry.split(';').map((part) => part.trim());
    if (name !== type) continue;
    const weight = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
    return weight === undefined ? 1 : Math.min(1, Number(weight) || 0);
  }
  return 0;
}
