/** A value that must be found nowhere but where it belongs. `name` is for people; a text is searched in more forms than bytes are. */
export type Secret = { name: string; value: string | Buffer };

/** Something that was collected: how a person finds it, and what stands there. */
export type Place = { where: string; what: string | Buffer };

/** A secret that stands somewhere, and in which form. */
export type Found = { secret: string; form: string; where: string };

/**
 * Every secret in every place, in each form in which it may have got there: as it is, in base64 (at any offset of a longer text, and as
 * `x-access-token:<value>`), base64url and hex, and for texts also URL-encoded, JSON-escaped and HTML-escaped. Each find is told once. Linear in
 * the size of the places, so that whole images can be searched. Throws when a secret is shorter than 8 bytes: it would be found by chance.
 */
export function findSecrets(places: readonly Place[], secrets: readonly Secret[]): Found[] {
  const forms = secrets.flatMap((secret) => formsOf(secret).map(({ form, bytes }) => ({ secret: secret.name, form, bytes })));
  const starting = byFirstTwo(forms);
  return places.flatMap(({ where, what }) => {
    const bytes = typeof what === 'string' ? Buffer.from(what) : what;
    return [...formsIn(bytes, starting)].map(({ secret, form }) => ({ secret, form, where }));
  });
}

type Form = { form: string; bytes: Buffer };
type Starting<F> = readonly (readonly F[] | undefined)[];

function formsOf({ name, value }: Secret): Form[] {
  const bytes = Buffer.from(value);
  if (bytes.length < shortest) throw new TypeError(`the secret "${name}" is too short to be searched for`);
  const hex = bytes.toString('hex');
  const texts: [form: string, text: string][] = [
    ['basic', Buffer.concat([Buffer.from('x-access-token:'), bytes]).toString('base64').replace(/=+$/, '')],
    ...base64Of(bytes).flatMap((text): [string, string][] => [['base64', text], ['base64url', text.replaceAll('+', '-').replaceAll('/', '_')]]),
    ['hex', hex],
    ['hex', hex.toUpperCase()],
    ...(typeof value === 'string' ? textForms(value) : []),
  ];
  const seen = new Set<string>();
  return [{ form: 'raw', bytes }, ...texts.map(([form, text]) => ({ form, bytes: Buffer.from(text) }))].filter(({ bytes }) => {
    const key = bytes.toString('latin1');
    return !seen.has(key) && seen.add(key);
  });
}

const shortest = 8;

/** The characters of base64 that depend on these bytes alone, for each of the three offsets at which they may stand in a longer text. */
function base64Of(bytes: Buffer): string[] {
  return [0, 1, 2].map((offset) => {
    const text = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64');
    return text.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + bytes.length) * 8) / 6));
  });
}

function textForms(value: string): [form: string, text: string][] {
  const json = JSON.stringify(value).slice(1, -1);
  const percent = [...Buffer.from(value)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
  return [
    ['url', encodeURIComponent(value)],
    ['url', encodeURI(value)],
    ['url', new URLSearchParams({ x: value }).toString().slice(2)],
    ['url', percent],
    ['url', percent.toUpperCase()],
    ['json', json],
    ['json', json.replaceAll('/', '\\/')],
    ['json', JSON.stringify(json).slice(1, -1)],
    ['html', value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;').replaceAll("'", '&#39;')],
  ];
}

function byFirstTwo<F extends Form>(forms: readonly F[]): Starting<F> {
  const starting: F[][] = Array.from({ length: 65_536 });
  for (const form of forms) (starting[form.bytes.readUInt16LE(0)] ??= []).push(form);
  return starting;
}

function formsIn<F extends Form>(bytes: Buffer, starting: Starting<F>): Set<F> {
  const found = new Set<F>();
  for (let at = 0; at + 1 < bytes.length; at += 1) {
    const candidates = starting[bytes[at]! | (bytes[at + 1]! << 8)];
    if (candidates === undefined) continue;
    for (const form of candidates) if (bytes.subarray(at, at + form.bytes.length).equals(form.bytes)) found.add(form);
  }
  return found;
}
