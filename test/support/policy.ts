/**
 * What is wrong with the headers of a page of ours, a sentence each: nothing may run, load or be sent that is not named, what is named must be ours
 * by its hash, its nonce or its origin, and nobody may frame the page.
 */
export function policyProblems(headers: Headers): string[] {
  const policy = headers.get('content-security-policy');
  if (policy === null) return ['it has no Content-Security-Policy'];
  const directives = new Map(policy.split(';').map((part) => part.trim().split(/\s+/)).map(([name = '', ...sources]) => [name, sources] as const));
  const problems: string[] = [];
  for (const name of ['default-src', 'base-uri', 'form-action', 'frame-ancestors']) {
    if (directives.get(name)?.join(' ') !== "'none'") problems.push(`${name} is not 'none'`);
  }
  for (const [name, sources] of directives) for (const source of sources) if (!isOurs(name, source)) problems.push(`${name} lets in ${source}`);
  if (headers.get('x-content-type-options') !== 'nosniff') problems.push('its type may be guessed');
  if (headers.get('referrer-policy') !== 'no-referrer') problems.push('its address is told where a link leads');
  return problems;
}

function isOurs(directive: string, source: string): boolean {
  if (source === "'none'" || /^'(?:sha(?:256|384|512)|nonce)-[\w+/=-]+'$/.test(source)) return true;
  if (source === "'self'") return directive !== 'default-src';
  return source === 'data:' && directive === 'img-src';
}
