import { KosukeError } from '../domain/errors.ts';
import { FetchRefused } from '../reconcile/ports/git.ts';

/** A failure of git in words; `why` must be scrubbed already. */
export function gitError(what: string, why: string, options: { cause?: unknown; retry?: boolean } = {}): KosukeError {
  return new KosukeError({ code: 'git', fault: 'us', what, why, next: nextOf(options.retry ?? true) }, { retry: true, ...options });
}

/** As `gitError`, tried again; `why` must be scrubbed already. */
export function fetchRefused(what: string, why: string): FetchRefused {
  return new FetchRefused({ code: 'git', fault: 'us', what, why, next: nextOf(true) }, { retry: true });
}

/** Whether the other side refused the token, or has moved or nothing at that address. */
export function tellsOfRefusal(stderr: string): boolean {
  return /authentication failed|could not read (?:Username|Password)|returned error: (?:30\d|40[1347])|repository .* not found|update url base from redirection/i.test(stderr);
}

function nextOf(retry: boolean): string {
  return retry ? 'It is tried again by itself.' : 'Push a new commit.';
}

/** Whether stderr tells of a repository that is damaged on our disk, so that every later command would fail, too. */
export function tellsOfDamage(stderr: string): boolean {
  return stderr.split('\n').some((line) => damage.test(line) && !theirs.test(line));
}

/** Lines that speak of the other side, and may hold any word in a name. */
const theirs = /^remote:|^fatal: remote error|unable to access|could not read (?:Username|Password)/i;

const damage = new RegExp(
  [
    'not a git repository',
    'not a valid object name|not a tree object',
    'bad object',
    'nonexistent object',
    'object file .* is empty',
    'loose object .* is corrupt',
    'corrupt',
    'inflate: ',
    'unable to (?:read|parse|unpack|resolve)',
    'could not parse',
    'missing (?:blob|tree|commit|object)',
    'did not send all necessary objects',
    'index file .* is (?:too small|invalid|broken)',
    'packfile .* (?:cannot be accessed|is truncated|index unavailable|claims to have|does not match)',
    'bad pack header|garbage at end of pack',
    'shallow file|bad shallow line|invalid shallow line',
    'unable to resolve reference|reference broken|broken ref|cannot lock ref',
    'bad config|bad numeric config',
    'invalid index-pack output|unresolved deltas',
  ].join('|'),
  'i',
);

/** Whether the other side answered that it has no such commit (any more). */
export function tellsOfLostCommit(stderr: string): boolean {
  return /not our ref|unadvertised object|couldn't find remote ref|no such remote ref/i.test(stderr);
}
