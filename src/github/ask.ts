import type { ProbotOctokit } from 'probot';
import type { z } from 'zod';
import { spend } from './cost.ts';
import { createKnownAnswers, type KnownAnswers } from './known-answers.ts';
import { githubTrouble, isUnchanged, refusalOf, unreadable } from './trouble.ts';

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
 * One request. A read says which answer it knows; when GitHub says that nothing changed (304, which it does not count), that is the answer. Rejects with `KosukeError` (code `github`, retry): `refusalOf` tells whether GitHub said no or nothing clear; or
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
    const { data, next } = await answer(octokit, { ...question, parameters }, signal);
    yield data;
    if (next === null) return;
  }
  throw unreadable(question.what, `the list has more than ${mostPages} pages`);
}

/** A list that GitHub pages by cursor, 100 a page, at most `most` pages of it. Only the cursor is taken from its link: who is asked stays the same. */
export async function* askByCursor<T>(octokit: Asker, question: Question<T>, most: number, signal: AbortSignal): AsyncGenerator<T, void> {
  let cursor: string | null = null;
  for (let page = 1; page <= most; page += 1) {
    const parameters: Record<string, unknown> = { ...question.parameters, per_page: 100, ...(cursor !== null && { cursor }) };
    const { data, next }: Answer<T> = await answer(octokit, { ...question, parameters }, signal);
    yield data;
    cursor = next === null ? null : (URL.parse(next)?.searchParams.get('cursor') ?? null);
    if (cursor === null) return;
  }
}

/** `null` for a 404 of the thing itself; one of the token says nothing about it. */
export async function unlessMissing<T>(asked: Promise<T>): Promise<T | null> {
  try {
    return await asked;
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal?.status === 404 && refusal.of === 'request') return null;
    throw error;
  }
}

/** `next`: the address of the next page. */
type Answer<T> = { data: T; next: string | null };

async function answer<T>(octokit: Asker, question: Question<T>, signal: AbortSignal): Promise<Answer<T>> {
  const { what, route, parameters, shape } = question;
  const answers = knownTo(octokit);
  const key = JSON.stringify([route, parameters]);
  const known = route.startsWith('GET ') ? answers.get(key) : undefined;
  let response;
  try {
    signal.throwIfAborted();
    const headers = known && { headers: { 'if-none-match': known.etag } };
    response = await octokit.request(route, { ...parameters, ...headers, request: { signal } });
  } catch (error) {
    const unchanged = known !== undefined && isUnchanged(error);
    spend(unchanged);
    if (unchanged) return { data: known.data as T, next: known.next };
    throw githubTrouble(error, what, signal);
  }
  spend(false);
  const parsed = shape.safeParse(response.data);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw unreadable(what, `its answer is not what it documents: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`, parsed.error);
  }
  const next = /<([^<>]+)>;\s*rel="next"/.exec(String(response.headers.link ?? ''))?.[1] ?? null;
  const { etag } = response.headers;
  if (route.startsWith('GET ')) answers.set(key, etag === undefined || mayGoOn(parsed.data, next) ? null : { etag, data: parsed.data, next });
  return { data: parsed.data, next };
}

/** A last page that is full stays as it is when another one comes after it: that it did not change would not show that. */
function mayGoOn(data: unknown, next: string | null): boolean {
  return next === null && Array.isArray(data) && data.length >= 100;
}

/** Who asks is one installation, or the App itself: none is told what another one may read. */
function knownTo(octokit: Asker): KnownAnswers {
  const answers = known.get(octokit) ?? createKnownAnswers(mostKnown);
  known.set(octokit, answers);
  return answers;
}

const known = new WeakMap<Asker, KnownAnswers>();
const mostKnown = 8_000_000;

const mostPages = 500;
