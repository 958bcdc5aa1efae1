import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Ajv2019, ErrorObject, Options, ValidateFunction } from 'ajv/dist/2019.js';

const require = createRequire(import.meta.url);

/** A JSON Schema; `$ref` in it is the name of one in the cut's `schemas`. */
export type Schema = object;

/** What `npm run contract` cuts from GitHub's description of its REST API. */
export type RestCut = {
  /** The package and its version. */
  cutFrom: string;
  /** By method and template, e.g. `GET /repos/{owner}/{repo}`. */
  operations: Record<string, RestOperation>;
  /** The body of an answer that refuses. */
  refusal: Schema;
  schemas: Record<string, Schema>;
};

export type RestOperation = {
  path: Schema;
  /** Parameters of the path whose values may hold slashes. */
  multiSegment: string[];
  query: Schema;
  body: { required: boolean; schema: Schema } | null;
  /** By status; null: no body is described. */
  answers: Record<string, Schema | null>;
};

/** What it cuts from the description of webhooks, by GitHub's name for event and action, e.g. `pull-request-opened`. */
export type WebhookCut = {
  cutFrom: string;
  webhooks: Record<string, { headers: Schema; payload: Schema }>;
  schemas: Record<string, Schema>;
};

/** A place in a value (`/a/0/b`), and what should be there. */
export type Problem = { where: string; expected: string };

export type Checks = {
  /** What is wrong with a value; at most 10. */
  problems: (schema: Schema, value: unknown) => Problem[];
  /** The same for values that come as text, in which a number is one when it looks like one. */
  problemsOfTexts: (schema: Schema, texts: Record<string, string>) => Problem[];
};

/** Reads a committed cut. */
export function readCut<Cut>(name: 'rest' | 'webhooks'): Cut {
  return JSON.parse(readFileSync(new URL(`${name}.json`, import.meta.url), 'utf8')) as Cut;
}

/** The same problems, with the part of the exchange that they are in before their place. */
export function at(part: string, problems: Problem[]): Problem[] {
  return problems.map(({ where, expected }) => ({ where: `${part} ${where}`.trimEnd(), expected }));
}

/** Checks of values against schemas of a cut, each made ready when it is first needed. */
export function checksOf({ schemas }: { schemas: Record<string, Schema> }): Checks {
  const strict = checker(schemas, {});
  const coercing = checker(schemas, { coerceTypes: true });
  return { problems: strict, problemsOfTexts: (schema, texts) => coercing(schema, { ...texts }) };
}

function checker(schemas: Record<string, Schema>, options: Options): Checks['problems'] {
  const ready = new Map<Schema, ValidateFunction>();
  let ajv: Ajv2019 | undefined;
  const compile = (schema: Schema) => {
    ajv ??= newAjv(schemas, options);
    const validate = ajv.compile(schema);
    ready.set(schema, validate);
    return validate;
  };
  return (schema, value) => {
    const validate = ready.get(schema) ?? compile(schema);
    return validate(value) ? [] : (validate.errors ?? []).slice(0, most).map(problemOf);
  };
}

/** Most schemas check a few dozen values in the life of a process: what counts is how soon they are ready (a quarter of the time without the last two). */
const quickly: Options = { validateSchema: false, inlineRefs: false, code: { optimize: false } };

/** Loaded when it is first needed: who starts a local GitHub should not wait for it. */
function newAjv(schemas: Record<string, Schema>, options: Options): Ajv2019 {
  const { Ajv2019: Ajv } = require('ajv/dist/2019.js') as typeof import('ajv/dist/2019.js');
  const formats = require('ajv-formats') as (ajv: Ajv2019) => void;
  const ajv = new Ajv({ strict: false, allErrors: true, verbose: true, ...quickly, ...options });
  formats(ajv);
  for (const [name, schema] of Object.entries(schemas)) ajv.addSchema(schema, name);
  return ajv;
}

function problemOf({ keyword, params, instancePath, message = '', data }: ErrorObject): Problem {
  switch (keyword) {
    case 'additionalProperties':
      return { where: `${instancePath}/${String(params['additionalProperty'])}`, expected: 'no such field' };
    case 'unevaluatedProperties':
      return { where: `${instancePath}/${String(params['unevaluatedProperty'])}`, expected: 'no such field' };
    case 'required':
      return { where: `${instancePath}/${String(params['missingProperty'])}`, expected: 'this field' };
    case 'enum':
      return { where: instancePath, expected: `one of ${JSON.stringify(params['allowedValues'])}, not ${short(data)}` };
    default:
      return { where: instancePath, expected: `${message.replace(/^must (?:be )?/, '')}, not ${short(data)}` };
  }
}

function short(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length <= 60 ? text : `${text.slice(0, 60)}…`;
}

const most = 10;
