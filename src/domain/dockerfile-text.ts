import { KosukeError } from './errors.ts';

/** The text of a Dockerfile; a `KosukeError` (`build-failed`, fault app) when it is UTF-16, which an engine takes for words that it does not know. */
export function dockerfileText(bytes: Uint8Array): string {
  const [first, second, third, fourth] = bytes;
  const marked = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
  const unmarked = bytes.length >= 4 && (second === 0 && fourth === 0 ? first !== 0 && third !== 0 : first === 0 && third === 0 && second !== 0 && fourth !== 0);
  if (!marked && !unmarked) return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  throw new KosukeError({
    code: 'build-failed',
    fault: 'app',
    what: 'The Dockerfile is UTF-16 text',
    why: 'Docker reads a Dockerfile as UTF-8',
    next: 'Save it as UTF-8 (some editors and PowerShell write UTF-16 by themselves) and push.',
  });
}
