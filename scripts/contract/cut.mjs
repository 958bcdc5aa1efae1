import { lookUp, resolved, schemaTaker } from './schemas.mjs';

/**
 * The operations of a REST description, each with its parameters, body and answers.
 *
 * @param {{ document: object, from: string }} description `from`: what it is cut from, e.g. `@octokit/openapi 1.0.0`
 * @param {string[]} operations e.g. `GET /repos/{owner}/{repo}`
 */
export function cutRest({ document, from }, operations) {
  const schemas = schemaTaker(document);
  const cut = (name) => {
    const [method, template] = name.split(' ');
    const operation = document.paths[template]?.[method.toLowerCase()];
    if (operation === undefined) throw new Error(`${from} does not describe ${name}.`);
    const parameters = (operation.parameters ?? []).map((parameter) => resolved(document, parameter));
    const body = operation.requestBody;
    return {
      path: valuesOf(schemas, parameters, 'path'),
      multiSegment: parameters.filter((parameter) => parameter['x-multi-segment'] === true).map((parameter) => parameter.name),
      query: valuesOf(schemas, parameters, 'query'),
      body: body === undefined ? null : { required: body.required === true, schema: schemas.take(body.content['application/json'].schema) },
      answers: Object.fromEntries(Object.entries(operation.responses).map(([status, answer]) => {
        const schema = resolved(document, answer).content?.['application/json']?.schema;
        return [status, schema === undefined ? null : schemas.take(schema)];
      })),
    };
  };
  const cuts = Object.fromEntries(operations.map((name) => [name, cut(name)]));
  const refusal = schemas.take({ $ref: '#/components/schemas/basic-error' });
  return { cutFrom: from, operations: cuts, refusal, schemas: schemas.named() };
}

/**
 * The webhooks of a description, by GitHub's name for event and action: the headers and the payload of each.
 *
 * @param {{ document: object, from: string }} description
 * @param {string[]} names e.g. `pull-request-opened`; `allWebhooks()` has them all
 * @param {{ closed?: boolean }} options `closed: false` takes fields of payloads that are not listed
 */
export function cutWebhooks({ document, from }, names, options) {
  const schemas = schemaTaker(document, options);
  const cut = (name) => {
    const { parameters, requestBody } = lookUp(document, `#/webhooks/${name}/post`);
    return { headers: valuesOf(schemas, parameters, 'header'), payload: schemas.take(requestBody.content['application/json'].schema) };
  };
  return { cutFrom: from, webhooks: Object.fromEntries(names.map((name) => [name, cut(name)])), schemas: schemas.named() };
}

/** @param {{ document: object }} description */
export function allWebhooks({ document }) {
  return Object.keys(document.webhooks);
}

/** The parameters that stand there, as an object. Headers have no case; more of them than are described may be sent. */
function valuesOf(schemas, parameters, place) {
  const header = place === 'header';
  const here = parameters.filter((parameter) => parameter.in === place);
  const nameOf = ({ name }) => (header ? name.toLowerCase() : name);
  return {
    type: 'object',
    properties: Object.fromEntries(here.map((parameter) => [nameOf(parameter), schemas.take(parameter.schema)])),
    required: here.filter((parameter) => parameter.required === true).map(nameOf),
    additionalProperties: header,
  };
}
