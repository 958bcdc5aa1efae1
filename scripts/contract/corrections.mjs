const headRepository = {
  is: { nullable: true, $ref: '#/components/schemas/repository' },
  why: 'The fork of a pull request may be deleted; the webhook pull_request.labeled is described so, and GitHub answers so.',
};

/**
 * Where GitHub's descriptions are wrong about GitHub, by package, with what is right and why.
 * @type {Record<string, { at: string, is: object, why: string }[]>}
 */
export const corrections = {
  '@octokit/openapi': [
    {
      at: '#/paths/~1app~1installations/get/responses/200/content/application~1json/schema/items',
      is: { $ref: '#/components/schemas/installation' },
      why: 'As described, an account would have to be a user and an enterprise at once.',
    },
    { at: '#/components/schemas/pull-request/properties/head/properties/repo', ...headRepository },
    { at: '#/components/schemas/pull-request-simple/properties/head/properties/repo', ...headRepository },
  ],
  '@octokit/openapi-webhooks': [{ at: '#/components/schemas/pull-request/properties/head/properties/repo', ...headRepository }],
};
