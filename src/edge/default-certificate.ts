import { createPrivateKey, generateKeyPairSync, randomBytes, X509Certificate } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { parse } from 'yaml';
import { gateFileName } from './gate-file.ts';

/** As Traefik takes it in its configuration: both in PEM. */
export type Certificate = { certFile: string; keyFile: string };

/**
 * The certificate that Traefik shows to who asks for a name it has none for. Traefik makes one of its own otherwise, with a new RSA key at **every** change of its
 * configuration (measured: 15 to 140 ms of a core each, and so long until the change holds). Nobody is meant to trust it, so its key is no secret.
 *
 * The one in the gate's file stays until a month before its end. `null` when the operator's own files in the directory say what to show.
 */
export async function defaultCertificate(directory: string, now: Date): Promise<Certificate | null> {
  // Traefik reads the folders in it, too.
  for (const name of await readdir(directory, { recursive: true })) {
    if (basename(name).startsWith('kosuke-') || !/\.(ya?ml|toml)$/i.test(name)) continue;
    if (/\bdefault(Certificate|GeneratedCert)\b/i.test(await readFile(join(directory, name), 'utf8').catch(() => ''))) return null;
  }
  const kept = certificateIn(await readFile(join(directory, gateFileName), 'utf8').catch(() => ''));
  return kept !== null && isGood(kept, now) ? kept : makeCertificate(now);
}

function certificateIn(text: string): Certificate | null {
  try {
    const config = parse(text) as { tls?: { stores?: { default?: { defaultCertificate?: Partial<Certificate> } } } } | null;
    const { certFile, keyFile } = config?.tls?.stores?.default?.defaultCertificate ?? {};
    return typeof certFile === 'string' && typeof keyFile === 'string' ? { certFile, keyFile } : null;
  } catch {
    return null;
  }
}

function isGood({ certFile, keyFile }: Certificate, now: Date): boolean {
  try {
    const certificate = new X509Certificate(certFile);
    return certificate.checkPrivateKey(createPrivateKey(keyFile)) && Date.parse(certificate.validTo) - now.getTime() > monthMs;
  } catch {
    return false;
  }
}

/** The library is loaded for the moment in which it is needed: once in nine years. */
async function makeCertificate(now: Date): Promise<Certificate> {
  const { default: forge } = await import('node-forge');
  const { publicKey, privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = forge.pki.publicKeyFromPem(publicKey);
  // A positive number: its first bit is not set.
  certificate.serialNumber = `01${randomBytes(15).toString('hex')}`;
  certificate.validity.notBefore = new Date(now.getTime() - dayMs);
  certificate.validity.notAfter = new Date(now.getTime() + 3_650 * dayMs);
  const name = [{ name: 'commonName', value: 'Kosuke Preview: no certificate for this name' }];
  certificate.setSubject(name);
  certificate.setIssuer(name);
  certificate.sign(forge.pki.privateKeyFromPem(privateKey), forge.md.sha256.create());
  return { certFile: forge.pki.certificateToPem(certificate).replaceAll('\r\n', '\n'), keyFile: privateKey };
}

const dayMs = 24 * 3_600_000;
const monthMs = 30 * dayMs;
