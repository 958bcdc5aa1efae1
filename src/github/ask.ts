import type { ProbotOctokit } from 'probot';
import type { z } from 'zod';
import { githubTrouble, unreadable } from './trouble.ts';

export type Asker = Pick<ProbotOctokit, 'request'>;

export type Question<T> = {
  /** For people, when it fails: `GitHub did not give the branch feature/a of acme/shop`. */
  what: string;
  /** `GET /repos/{owner}/{repo}`; what stands in braces is taken from the parameters, encoded. */
  route: string;
  parameters?: Record<string, unknown>;
  /** What is needed of the answer; anything else is an error, never a guess. */
  shape: z.ZodType<T>;
};

/**
 * One request. Rejects with `KosukeError` (code `github`, retry): `refusalOf` tells whether GitHub said no or nothing clear; or
 * with the signal's reason when the caller gave up.
 */
export async function ask<T>(octokit: Asker, question: Question<T>, signal: AbortSignal): Promise<T> {
  return (await answer(octokit, question, signal)).data;
}

/** A list, read to its end, 100 a page. A page that fails or cannot be read fails the whole: a part is never taken for all. */
export async function askAll<T>(octokit: Asker, question: Question<T>, signal: AbortSignal): Promise<T[]> {
  const pages: T[] = [];
  for await (const page of askPages(octokit, question, signal)) pages.push(page);
  return pages;
}

/** A list page by page, for who may not need all of it. */
export async function* askPages<T>(octokit: Asker, question: Question<T>, signal: AbortSignal): AsyncGenerator<T, void> {
  for (let page = 1; page <= mostPages; page += 1) {
    const parameters = { ...question.parameters, per_page: 100, page };
    const { data, more } = await answer(octokit, { ...question, parameters }, signal);
    yield data;
    if (!more) return;
  }
  throw unreadable(question.what, `the list has more than ${mostPages} pages`);
}

async function answer<T>(octokit: Asker, question: Question<T>, signal: AbortSignal): Promise<{ data: T; more: boolean }> {
  const { what, route, parameters, shape } = question;
  let response;
  try {
    signal.throwIfAborted();
    response = await octokit.request(route, { ...parameters, request: { signal } });
  } catch (error) {
    throw githubTrouble(error, what, signal);
  }
  const parsed = shape.safeParse(response.data);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw unreadable(what, `its answer is not what it documents: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`, parsed.error);
  }
  return { data: parsed.data, more: /<[^<>]+>;\s*rel="next"/.test(String(response.headers.link ?? '')) };
}

const mostPages = 500;
