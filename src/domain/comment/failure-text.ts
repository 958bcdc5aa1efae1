import type { Deployment } from '../deployment.ts';
import type { Failure } from '../errors.ts';
import { foldedLog, prose } from '../markdown.ts';
import type { CommentFacts } from './facts.ts';
import { command } from './nothing.ts';

/** What failed, why, what to do next, and the end of the log that shows it. `lead` and `log` are inert Markdown. */
export function failureText(lead: string, failure: Failure | null, log: string): string[] {
  if (failure === null) return [`${lead} ${log}`];
  const next = failure.next.trim() === '' ? '' : `${ended(prose(failure.next, 500))} `;
  return [`${lead} ${reasonText(failure)}`, `${next}${log}`, ...tail(failure)];
}

/** A version that was live and went down. While it is restarted by itself nothing is asked of a person. */
export function crashText(
  lead: string,
  live: Pick<Deployment, 'failure' | 'exitCode'>,
  preview: Pick<CommentFacts['preview'], 'crashCount' | 'hostLabel' | 'state'>,
  log: string,
): string[] {
  const what = live.exitCode === null ? 'The app stopped answering' : `The app exited with code ${live.exitCode}`;
  const restarts = preview.crashCount - 1;
  const restarted = restarts < 1 ? '' : `, and was restarted ${restarts === 1 ? 'once' : `${restarts} times`} before that`;
  const next = preview.state === 'crashed' ? `Push a fix, or start it again with ${command('wake', preview.hostLabel)}. ` : '';
  return [`${lead} ${what}${restarted}.`, `${next}${log}`, ...(live.failure === null ? [] : tail(live.failure))];
}

function reasonText({ what, why }: Failure): string {
  if (why.trim() === '') return ended(prose(what, 400));
  const sentence = /^\s*\p{Lu}/u.test(why);
  return `${sentence ? ended(prose(what, 400)) : `${prose(what, 400)}:`} ${ended(prose(why, 1000))}`;
}

function ended(sentence: string): string {
  return /[.!?…]$/.test(sentence) ? sentence : `${sentence}.`;
}

function tail({ logTail }: Failure): string[] {
  return logTail === undefined || logTail.trim() === '' ? [] : [foldedLog('The end of the log', logTail)];
}
