import type { Deployment } from '../deployment.ts';
import { codeSpan, link, prose } from '../markdown.ts';
import { notesOn } from '../notes.ts';
import { isSetAside } from '../set-aside.ts';
import type { CommentFacts } from './facts.ts';
import { crashText, failureText } from './failure-text.ts';
import { command } from './nothing.ts';
import type { NoRoom } from '../room.ts';
import { durationText, readyIn, utc } from './times.ts';

/** What a person may wonder about the versions of a preview that is wanted: a paragraph each, the newest version first. */
export function versionParagraphs(facts: CommentFacts): string[] {
  const { preview, latest, live } = facts;
  if (facts.noRoom) return [noRoomText(facts.noRoom, preview.state === 'asleep')];
  if (preview.state === 'asleep') return [asleepText(facts)];
  if (latest === null) return ['The preview waits for its turn to be built.'];
  if (live === null) return newestText(facts, latest);
  if (live.id === latest.id) return liveText(facts, live);
  const old = preview.state === 'running' ? [`The previous version at ${commitLink(facts, live.sha)} keeps serving.`] : liveText(facts, live);
  return [...newestText(facts, latest), ...old];
}

export function commitLink({ commitUrl }: Pick<CommentFacts, 'commitUrl'>, sha: string): string {
  return link(codeSpan(sha.slice(0, 7)), commitUrl(sha));
}

function asleepText({ preview }: CommentFacts): string {
  if (preview.wanted.asleepBecause === 'suspended') return 'Asleep while the App is suspended for this account. It wakes when the suspension ends.';
  if (preview.wanted.asleepBecause === 'room') {
    return `Asleep: it was put to sleep to make room, as the one that had not been deployed or woken for the longest time. ${command('wake', preview.hostLabel)} wakes it, and so does the next push.`;
  }
  return `Asleep: somebody put it to sleep. ${command('wake', preview.hostLabel)} wakes it, and so does the next push.`;
}

function noRoomText({ running, capacity, freeAt }: NoRoom, asleep: boolean): string {
  const full = running === 0 ? 'no app may run' : `${running} of ${capacity.count} ${capacity.count === 1 ? 'app runs' : 'apps run'}`;
  const busy = running === 0 ? '' : ', and each was deployed or woken too short a time ago to be put to sleep for this one';
  const when = freeAt === null ? 'as soon as there is room' : `as soon as there is room, at ${utc(freeAt)} at the latest unless others come first`;
  return `There is no room for it right now: ${full} here (\`${capacity.by}\`)${busy}. It ${asleep ? 'wakes' : 'is built'} by itself ${when}.`;
}

/** A version on its way, or one that did not get there. */
function newestText(facts: CommentFacts, latest: Deployment): string[] {
  const commit = commitLink(facts, latest.sha);
  const log = link('Log', facts.logUrl(latest.logToken));
  switch (latest.state) {
    case 'queued':
      return [`${commit} waits for its turn to be built.`];
    case 'building':
      return [`${commit} is being built. ${log}`];
    case 'built':
    case 'starting':
    case 'live':
      return [`${commit} is built and is being started. ${log}`];
    case 'failed':
      return [...failureText(`${commit} failed.`, latest.failure, log), ...noteTexts(latest, 'failed')];
    case 'error': {
      return [...failureText(`${commit} did not come up, which is not the fault of the repository. ${againText(facts, latest)}`, latest.failure, log), ...noteTexts(latest, 'failed')];
    }
    case 'superseded':
    case 'cancelled':
    case 'removed':
      return [];
  }
}

/** When a version that ended in an error of ours is tried again. */
function againText({ preview }: CommentFacts, { attempts, failure, retryAt, state }: Deployment): string {
  const redeploy = command('redeploy', preview.hostLabel);
  if (failure?.engineVersion !== undefined) return `It is built again when the Docker Engine here has another version than ${codeSpan(failure.engineVersion, 40)}, and with ${redeploy}.`;
  if (isSetAside({ state, attempts })) return `It was tried ${attempts} times and is set aside: now it is tried once an hour, and ${redeploy} tries it at once.`;
  return retryAt === null ? 'It is tried again by itself.' : `It is tried again at ${utc(retryAt)}.`;
}

function noteTexts({ notes }: Deployment, outcome: 'live' | 'failed'): string[] {
  return notesOn(notes, outcome).map(({ text }) => `ℹ️ ${prose(text, 1000)}`);
}

function liveText(facts: CommentFacts, live: Deployment): string[] {
  const { preview } = facts;
  const commit = commitLink(facts, live.sha);
  const log = link('Log', facts.logUrl(live.logToken));
  if (preview.state === 'crashed') return crashText(`${commit} crashed.`, live, preview, log);
  if (live.state === 'live') {
    const ms = readyIn(live);
    return [`${commit} is live${ms === null ? '' : `, ready in ${durationText(ms)}`}. ${log}`, ...noteTexts(live, 'live')];
  }
  const restart = live.failure?.code === 'crashed' ? crashText(`${commit} crashed and is started again.`, live, preview, log) : null;
  return restart ?? [`${commit} is being started again. ${log}`];
}
