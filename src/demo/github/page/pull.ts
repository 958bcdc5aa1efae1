import { html, raw } from 'hono/html';
import { findAccount } from '../accounts.ts';
import type { Account, Comment, Commit, Pull, World } from '../world.ts';
import { avatarSvg } from './avatar.ts';
import { deploymentsBox } from './deployments.ts';
import { icons } from './icons.ts';
import { ago, type Html } from './layout.ts';
import { markdown } from './markdown.ts';

/** A pull request as its people see it: what it is, its conversation and commits in order, and where it is deployed. */
export function pullPage(world: World, pull: Pull): Html {
  const kind = pull.mergedAt ? 'merged' : pull.state === 'closed' ? 'closed' : pull.draft ? 'draft' : 'open';
  const count = pull.change.commits.length;
  const from = pull.head.repo === pull.repo ? pull.head.ref : `${pull.head.repo.owner.login}:${pull.head.ref}`;
  const verb = pull.mergedAt ? 'merged' : 'wants to merge';
  return html`<h1>${pull.title} <span>#${pull.number}</span></h1>
<div class="meta">
  <span class="badge ${kind}">${icons[kind]} ${kind[0]?.toUpperCase()}${kind.slice(1)}</span>
  <span><b>${(pull.mergedBy ?? pull.author).login}</b> ${verb} ${count} commit${count === 1 ? '' : 's'} into
    <span class="ref">${pull.base.ref}</span> from <span class="ref">${from}</span></span>
  ${[...pull.labels.values()].map((label) => html`<span class="label">${label.name}</span>`)}
</div>
<div class="timeline">
  ${said(world, pull.author, false, pull.createdAt, 0, pull.body ?? '*No description.*', `issue-${pull.issueId}`)}
  ${timeline(world, pull)}
  ${ending(world, pull)}
</div>
${deploymentsBox(world, pull)}`;
}

function timeline(world: World, pull: Pull): Html[] {
  const comments = [...pull.repo.comments.values()].filter((comment) => comment.pull === pull);
  const items = [
    ...comments.map((comment) => ({ at: comment.createdAt.getTime(), show: () => commentItem(world, comment) })),
    ...pull.change.commits.map((commit) => ({ at: Date.parse(commit.committer.date), show: () => commitItem(world, commit) })),
  ];
  return items.sort((a, b) => a.at - b.at).map(({ show }) => show());
}

function commentItem(world: World, comment: Comment): Html {
  const { author, byApp, createdAt, edits, body, id } = comment;
  return said(world, author, byApp, createdAt, edits, body, `issuecomment-${id}`);
}

function said(world: World, author: Account, byApp: boolean, at: Date, edits: number, body: string, anchor: string): Html {
  return html`<article class="item" id="${anchor}">
    ${raw(avatarSvg(author))}
    <div class="card">
      <header><b>${author.login.replace(/\[bot\]$/, '')}</b>${byApp ? html`<span class="bot">bot</span>` : ''}
        <span>commented ${ago(at, world.now())}${edits > 0 ? ' · edited' : ''}</span></header>
      <div class="body">${raw(markdown(body))}</div>
    </div>
  </article>`;
}

function commitItem(world: World, commit: Commit): Html {
  const author = findAccount(world, commit.author.name);
  return html`<div class="event"><i></i>${author ? raw(avatarSvg(author, 20)) : ''}
    <span class="what">${commit.message.split('\n')[0]}</span> <span class="sha">${commit.sha.slice(0, 7)}</span></div>`;
}

function ending(world: World, pull: Pull): Html | '' {
  if (pull.state === 'open' || !pull.closedAt) return '';
  const what = pull.mergedAt
    ? html`<b>${pull.mergedBy?.login ?? ''}</b> merged this into <span class="ref">${pull.base.ref}</span>`
    : 'This pull request was closed';
  return html`<div class="event end ${pull.mergedAt ? 'merged' : 'closed'}"><i></i>
    <span class="what">${what} ${ago(pull.closedAt, world.now())}</span></div>`;
}
