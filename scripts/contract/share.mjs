import { createHash } from 'node:crypto';
import { sorted } from './text.mjs';

/**
 * Moves schemas that stand several times in a cut to its `schemas`, once, under the hash of what they say. GitHub's webhooks repeat a
 * user or a repository a dozen times in each payload.
 *
 * @param {{ schemas: Record<string, object> }} cut its values are sorted afterwards
 * @returns {object} a cut that accepts the same
 */
export function shared(cut) {
  const sortedCut = sorted(cut);
  const counts = new Map();
  eachSchema(sortedCut, (schema) => {
    const text = JSON.stringify(schema);
    if (text.length < shortest) return true;
    counts.set(text, (counts.get(text) ?? 0) + 1);
    // What is inside one that was seen before is moved with it.
    return counts.get(text) === 1;
  });
  const moved = {};
  const move = (schema) => {
    const text = JSON.stringify(schema);
    if ((counts.get(text) ?? 0) < 2) return mapSchemas(schema, move);
    const name = `shared-${createHash('sha256').update(text).digest('hex').slice(0, 12)}`;
    moved[name] ??= mapSchemas(schema, move);
    return { $ref: name };
  };
  const { schemas, ...rest } = sortedCut;
  const named = Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, mapSchemas(schema, move)]));
  return { ...mapSchemas(rest, move), schemas: { ...named, ...moved } };
}

/** In characters; a reference is about 30. */
const shortest = 120;

/** Calls back for everything that has a type or a composition, from outside in; into one only when that returned true. */
function eachSchema(value, visit) {
  if (typeof value !== 'object' || value === null) return;
  if (isSchema(value) && !visit(value)) return;
  for (const inner of Object.values(value)) eachSchema(inner, visit);
}

function mapSchemas(value, change) {
  const each = (inner) => (isSchema(inner) ? change(inner) : mapSchemas(inner, change));
  if (Array.isArray(value)) return value.map(each);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, each(inner)]));
}

/** A table of fields may have fields of these names; their values are no texts and no lists. */
function isSchema(value) {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const { type, allOf, anyOf, oneOf } = value;
  return typeof type === 'string' || [type, allOf, anyOf, oneOf].some(Array.isArray);
}
