import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Ajv, type AnySchema, type ValidateFunction } from 'ajv';
import formats from 'ajv-formats';
import type { JsonObject } from '../../../src/demo/github/index.ts';

const require = createRequire(import.meta.url);

export type Description = {
  document: JsonObject;
  /** A check of values against the schema at a JSON pointer; made of what that schema needs and nothing more. */
  validator: (pointer: string) => ValidateFunction;
};

/** GitHub's own description of its API, or of its webhooks. */
export function loadDescription(name: '@octokit/openapi' | '@octokit/openapi-webhooks'): Description {
  const document = JSON.parse(readFileSync(require.resolve(`${name}/generated/api.github.com.json`), 'utf8')) as JsonObject;
  const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: true });
  (formats as unknown as (ajv: Ajv) => void)(ajv);
  const ids = new Map<string, string>();
  const take = (pointer: string): string => {
    const id = ids.get(pointer) ?? `schema${ids.size}`;
    if (!ids.has(pointer)) {
      ids.set(pointer, id);
      ajv.addSchema(translate(lookUp(document, pointer), take) as AnySchema, id);
    }
    return id;
  };
  return { document, validator: (pointer) => ajv.compile({ $ref: take(pointer) }) };
}

/** OpenAPI 3.0 to JSON Schema: `nullable` holds for enums and references too, as GitHub means it. */
function translate(schema: unknown, take: (ref: string) => string): unknown {
  if (Array.isArray(schema)) return schema.map((one) => translate(one, take));
  if (typeof schema !== 'object' || schema === null) return schema;
  const { nullable, example: _example, examples: _examples, ...rest } = schema as JsonObject;
  const translated: JsonObject = {};
  for (const [key, value] of Object.entries(rest)) {
    if (key === '$ref') translated[key] = take(value as string);
    else if (key === 'enum' || key === 'required' || key === 'default') translated[key] = value;
    else translated[key] = key === 'properties' ? translateEach(value as JsonObject, take) : translate(value, take);
  }
  return nullable === true ? { anyOf: [{ type: 'null' }, translated] } : translated;
}

function translateEach(properties: JsonObject, take: (ref: string) => string): JsonObject {
  return Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, translate(schema, take)]));
}

function lookUp(description: JsonObject, pointer: string): unknown {
  const keys = pointer.slice(2).split('/').map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
  return keys.reduce<unknown>((inner, key) => (inner as JsonObject | undefined)?.[key], description);
}
