import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Parser } from './parsers.ts';

/** The secret with which GitHub signs webhooks. A guessable one would let anybody speak as GitHub. */
export const webhookSecret: Parser<string> = (text) => {
  if (text === 'development') return { problem: `is "development", which everybody knows. ${webhookHint}` };
  return text.length >= 16 ? { value: text } : { problem: `is shorter than 16 characters. ${webhookHint}` };
};
export const webhookHint = "Set it to the secret of your GitHub App's webhook, at least 16 characters.";

/** The App's RSA key in PEM; line ends may be written as `\n`. The value is PKCS #8, which every library reads. */
export const privateKey: Parser<string> = (text) => {
  const pem = text.replaceAll('\\n', '\n').trim();
  try {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType === 'rsa') return { value: key.export({ type: 'pkcs8', format: 'pem' }).toString() };
    return { problem: `holds a key that is not RSA. ${privateKeyHint}` };
  } catch {
    return { problem: `does not hold a readable private key. ${privateKeyHint}` };
  }
};
const privateKeyHint = 'Set it to the private key that you downloaded from the settings of your GitHub App, beginning with -----BEGIN.';

/** The same, read from a file. */
export const privateKeyFile: Parser<string> = (path) => {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    return { problem: `names a file that cannot be read (${code}). Set it to the path of the private key of your GitHub App.` };
  }
  const parsed = privateKey(text);
  if ('value' in parsed) return parsed;
  return { problem: 'names a file that does not hold an RSA private key. Set it to the path of the private key of your GitHub App.' };
};

/** 32 bytes in base64. */
export const encryptionKey: Parser<Buffer> = (text) => {
  const value = Buffer.from(text, 'base64');
  const same = value.length === 32 && value.toString('base64').replace(/=+$/, '') === text.replace(/=+$/, '');
  return same ? { value } : { problem: 'is not 32 bytes in base64. Set it to the output of: openssl rand -base64 32' };
};
