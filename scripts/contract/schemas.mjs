/**
 * Takes schemas out of an OpenAPI description, as JSON Schema (2019-09): with all that they refer to, and without what checks nothing.
 *
 * GitHub's descriptions need three readings of ours:
 * - `nullable` (3.0) and a type that lists null (3.1) hold for the enum beside them, and for a reference (`allOf`, `anyOf`, …), too;
 * - a format that nobody defined (`timestamp`, `repo.nwo`) says nothing, nor does `email`: the bots of GitHub have addresses with
 *   brackets, which no grammar allows; and a text whose default is empty may be empty, whatever its format;
 * - an object has the fields that are listed and no others, unless more are expressly allowed (`additionalProperties`).
 *
 * @param {object} document the description
 * @param {{ closed?: boolean }} options `closed: false` takes fields that are not listed
 */
export function schemaTaker(document, { closed = true } = {}) {
  const taken = new Map();
  const close = closed ? closedObjects : (schema) => schema;

  const take = (schema) => {
    const translated = close(translate(schema));
    for (const name of referencesOf(translated)) takeNamed(name);
    return translated;
  };
  const takeNamed = (name) => {
    if (taken.has(name)) return;
    taken.set(name, null);
    const open = name.endsWith(openSuffix);
    const translated = translate(lookUp(document, `#/components/schemas/${open ? name.slice(0, -openSuffix.length) : name}`));
    const schema = close(translated, open);
    taken.set(name, schema);
    for (const other of referencesOf(schema)) takeNamed(other);
  };

  return {
    /** The JSON Schema of a schema of the description; its references are names of `named()`. */
    take,
    /** Everything that was referred to, by name. */
    named: () => Object.fromEntries(taken),
  };
}

/**
 * What stands at a JSON pointer (`#/components/…`).
 * @param {object} document
 * @param {string} pointer
 * @throws {Error} when nothing does
 */
export function lookUp(document, pointer) {
  const keys = pointer.slice(2).split('/').map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
  const found = keys.reduce((inner, key) => inner?.[key], document);
  if (found === undefined) throw new Error(`The description has nothing at ${pointer}.`);
  return found;
}

/** What stands there, or what it refers to. */
export function resolved(document, value) {
  return typeof value.$ref === 'string' ? lookUp(document, value.$ref) : value;
}

/** A part of an allOf is not closed by itself: the fields of the other parts are not its own. */
const openSuffix = '--open';
const lists = ['allOf', 'anyOf', 'oneOf'];
const copied = new Set(['required', 'pattern', 'minimum', 'maximum', 'minLength', 'maxLength', 'minItems', 'maxItems', 'uniqueItems', 'maxProperties']);
const formats = new Set(['uri', 'uri-template', 'date-time', 'date']);
const ignored = new Set(['title', 'description', 'example', 'examples', 'default', 'deprecated', 'readOnly', 'nullable', 'type', 'enum', 'format']);

function translate(schema) {
  if (typeof schema === 'boolean') return schema;
  if (schema.$ref !== undefined) return orNull(schema, { $ref: schema.$ref.split('/').at(-1) });
  const translated = {};
  for (const [key, value] of Object.entries(schema)) {
    if (lists.includes(key)) translated[key] = value.map(translate);
    else if (key === 'items' || key === 'additionalProperties') translated[key] = translate(value);
    else if (key === 'properties') translated[key] = mapValues(value, translate);
    else if (copied.has(key)) translated[key] = value;
    else if (!ignored.has(key) && !key.startsWith('x-')) throw new Error(`The cut does not know what "${key}" in a schema means.`);
  }
  return orNull(schema, { ...typeOf(schema), ...formatOf(schema), ...translated });
}

function typeOf({ type, enum: values, nullable }) {
  const types = [...(type === undefined ? [] : [type].flat()), ...(nullable === true && type !== undefined ? ['null'] : [])];
  const withNull = values !== undefined && types.includes('null') && !values.includes(null) ? [...values, null] : values;
  return {
    ...(types.length > 0 && { type: types.length === 1 ? types[0] : [...new Set(types)] }),
    ...(withNull !== undefined && { enum: withNull }),
  };
}

function formatOf({ format, default: usual }) {
  if (!formats.has(format)) return {};
  return usual === '' ? { anyOf: [{ format }, { maxLength: 0 }] } : { format };
}

/** Where no type stands that could list null: either null, or the rest. What an `allOf` demands beside a type holds for null, too. */
function orNull({ type, nullable }, translated) {
  const composed = lists.some((list) => list in translated);
  return nullable === true && (type === undefined || composed) ? { anyOf: [{ type: 'null' }, translated] } : translated;
}

/** `open`: it is a part of something that is closed as a whole. What lies inside its fields is closed all the same. */
function closedObjects(schema, open = false) {
  if (typeof schema === 'boolean') return schema;
  if (schema.$ref !== undefined) return { $ref: open ? schema.$ref + openSuffix : schema.$ref };
  const whole = open || schema.allOf !== undefined || schema.properties !== undefined;
  const closed = { ...schema };
  if (schema.properties) closed.properties = mapValues(schema.properties, (one) => closedObjects(one));
  if (schema.items) closed.items = closedObjects(schema.items);
  if (schema.additionalProperties) closed.additionalProperties = closedObjects(schema.additionalProperties);
  const composed = lists.filter((list) => list in schema);
  for (const list of composed) closed[list] = schema[list].map((part) => closedObjects(part, whole));
  const limited = (schema.properties !== undefined || schema.allOf !== undefined) && schema.additionalProperties === undefined;
  if (!open && limited) closed[composed.length > 0 ? 'unevaluatedProperties' : 'additionalProperties'] = false;
  return closed;
}

function referencesOf(schema) {
  if (typeof schema !== 'object' || schema === null) return [];
  if (typeof schema.$ref === 'string') return [schema.$ref];
  return Object.entries(schema).flatMap(([key, value]) => (key === 'enum' || key === 'required' ? [] : referencesOf(value)));
}

function mapValues(object, change) {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value)]));
}
