import { html } from 'hono/html';
import { fullName, repoPage } from '../shapes/repository.ts';
import type { Repo, World } from '../world.ts';
import { ago, type Html } from './layout.ts';

/** A repository: its pull requests and branches. */
export function repositoryPage(world: World, repo: Repo): Html {
  const pulls = [...repo.pulls.values()].filter((pull) => pull.state === 'open').toReversed();
  const branches = [...repo.refs].filter(([ref]) => ref.startsWith('refs/heads/'));
  return html`<h1>${repo.name}</h1>
<p class="dim">${repo.private ? 'Private' : 'Public'} · <code>git clone ${repoPage(world, repo)}.git</code></p>
<h2>Open pull requests</h2>
<div class="card">${
    pulls.length === 0
      ? html`<p class="none">None is open.</p>`
      : html`<ul class="list">${pulls.map(
          (pull) => html`<li><a class="grow" href="/${fullName(repo)}/pull/${pull.number}"><b>${pull.title}</b></a>
            <span class="dim">#${pull.number} · ${pull.author.login} · ${ago(pull.createdAt, world.now())}</span></li>`,
        )}</ul>`
  }</div>
<h2>Branches</h2>
<div class="card"><ul class="list">${branches.map(
    ([ref, sha]) => html`<li><span class="grow">${ref.slice('refs/heads/'.length)}</span> <span class="sha dim">${sha.slice(0, 7)}</span></li>`,
  )}</ul></div>`;
}

/** All repositories. */
export function homePage(world: World): Html {
  const repos = [...world.repos.values()].filter((repo) => !repo.deleted);
  return html`<h1>Repositories</h1>
<div class="card">${
    repos.length === 0
      ? html`<p class="none">There are none yet.</p>`
      : html`<ul class="list">${repos.map(
          (repo) => html`<li><a class="grow" href="/${fullName(repo)}"><b>${fullName(repo)}</b></a>
            <span class="dim">${repo.private ? 'Private' : 'Public'}</span></li>`,
        )}</ul>`
  }</div>`;
}
