import type { Problem } from './cut.ts';
import { checkExchange, type Exchange } from './rest.ts';
import { checkWebhook, type SentWebhook } from './webhooks.ts';

/** Something that is not as GitHub describes it. */
export type Violation = {
  /** `POST /repos/{owner}/{repo}/deployments` or `webhook pull_request.opened`. */
  exchange: string;
  /** `query state`, `request body /payload`, `answer 201 /id`, `payload /sender`. */
  where: string;
  expected: string;
  /** How often it was seen. */
  times: number;
};

/** Holds all that the local GitHub takes and gives against GitHub's own descriptions, and keeps what is not so. */
export type Contract = {
  exchange: (exchange: Exchange) => void;
  webhook: (webhook: SentWebhook) => void;
  /** The local GitHub itself failed, which GitHub would not have. */
  failed: (method: string, path: string, error: unknown) => void;
  /** Each once. */
  violations: () => Violation[];
  /** Gives them and forgets them. */
  take: () => Violation[];
};

/**
 * What is said is kept and looked at later: when somebody asks for the violations, or, one after the other, when enough has come together. To look at the
 * first of a kind takes up to 0.1 s, in which a client in the same process has to wait. `checkContract: false` looks at nothing.
 */
export function createContract({ checkContract }: { checkContract: boolean }): Contract {
  const found = new Map<string, Violation>();
  let said: (() => { name: string; problems: Problem[] })[] = [];
  const note = (exchange: string, { where, expected }: Problem) => {
    const key = JSON.stringify([exchange, where, expected]);
    const { times } = found.get(key) ?? { times: 0 };
    if (times > 0 || found.size < most) found.set(key, { exchange, where, expected, times: times + 1 });
  };
  const look = (check: (typeof said)[number]) => {
    try {
      const { name, problems } = check();
      for (const problem of problems) note(name, problem);
    } catch (error) {
      // What cannot be checked is not as described.
      note('the check', { where: 'its descriptions', expected: `some that can be used: ${messageOf(error)}` });
    }
  };
  let looking = false;
  const lookAtNext = () => {
    const check = said.pop();
    looking = check !== undefined;
    if (check === undefined) return;
    look(check);
    setImmediate(lookAtNext);
  };
  const keep = (check: (typeof said)[number]) => {
    if (!checkContract) return;
    said.push(check);
    if (said.length >= enough && !looking) lookAtNext();
  };
  const violations = () => {
    said.forEach(look);
    said = [];
    return [...found.values()].map((violation) => ({ ...violation }));
  };
  return {
    exchange: (exchange) => keep(() => checkExchange(exchange)),
    webhook: (webhook) => keep(() => checkWebhook(webhook)),
    failed: (method, path, error) => keep(() => ({ name: `${method} ${path}`, problems: [{ where: 'answer 500', expected: `an answer, not ${messageOf(error)}` }] })),
    violations,
    take: () => {
      const taken = violations();
      found.clear();
      return taken;
    },
  };
}

/** A few MB at most. */
const enough = 500;

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** What was said between the App and the local GitHub was not as GitHub describes it. */
export class ContractBroken extends Error {
  override readonly name = 'ContractBroken';

  constructor(violations: readonly Violation[]) {
    super(`What was said with the local GitHub is not as GitHub describes it:\n${violations.map((violation) => `  ${lineOf(violation)}`).join('\n')}`);
  }
}

/** A violation in a line, for people. */
export function lineOf({ exchange, where, expected, times }: Violation): string {
  return `${exchange}: ${where}: expected ${expected}${times > 1 ? ` (${times} times)` : ''}`;
}

/** A program that goes wrong in ever new ways is known well enough by these. */
const most = 500;
