/**
 * The text without what lets somebody in: tokens of GitHub and JWTs (also cut off at their ends), credentials in URLs and headers, private
 * keys. Whoever we ask may repeat in an answer what we sent, and it would go on into logs, comments and pages. JSON stays JSON. Linear.
 * https://docs.github.com/en/authentication/keeping-your-account-and-data-secure/about-authentication-to-github#githubs-token-formats
 */
export function hideCredentials(text: string): string {
  return credentials.reduce((shown, [pattern, instead]) => shown.replaceAll(pattern, instead), text);
}

/** A token may come right after an escape of JSON or a colour. */
const credentials: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----(?:[A-Za-z0-9+/=\s]|\\[nr])*(?:-----END [A-Z ]{0,20}PRIVATE KEY-----)?/g, '***'],
  [/(?<=^|[^A-Za-z0-9]|\\[nrt]|\[[\d;]{0,20}m)(?:gh[pousr]_|github_pat_)\w{4,}/g, '***'],
  [/(?<=^|[^\w-]|\\[nrt]|\[[\d;]{0,20}m)eyJ[\w-]{8,}(?:\.[\w-]*){0,2}/g, '***'],
  // Base64 of `x-access-token:` and what follows.
  [/eC1hY2Nlc3MtdG9rZW46[\w+/-]*=*/g, '***'],
  [/:\/\/[^/@\s"'\\]{1,500}@/g, '://***@'],
  [/\b(authorization\s{0,9}[:=]\s{0,9}|authorization["']\s{0,9}[:=]\s{0,9}["'])(?:[a-z]{1,20}\s{1,9})?[^\s"',\\]+/gi, '$1***'],
];
