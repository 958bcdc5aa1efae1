import { html } from 'hono/html';
import { renderPage } from '../pages/page.ts';

/** What this is, for whoever comes to the program's own address. */
export function landingPage(host: string): Promise<string> {
  return renderPage({
    title: 'Kosuke Preview',
    aside: host,
    follow: null,
    main: html`<h1>A live preview for every pull request</h1>
      <p class="lead">
        Kosuke Preview is a GitHub App that runs on its operator's own machines. It builds the head of each pull request, runs it
        in a container of its own, and puts the address into a comment on the pull request.
      </p>
      <p class="quiet">A push updates the preview at the same address; the version before serves until the new one is ready. Closing the pull request takes everything away.</p>
      <p class="quiet">There is nothing to do here: look at the comment on your pull request.</p>`,
  });
}

export function noLogPage(): Promise<string> {
  return renderPage({
    title: 'No such log',
    aside: '',
    follow: null,
    main: html`<h1>There is no such log</h1>
      <p class="lead">The address is wrong, or the log was removed with its deployment.</p>
      <p class="quiet">The newest one is linked from the comment on the pull request.</p>`,
  });
}

export function noPage(): Promise<string> {
  return renderPage({
    title: 'No such page',
    aside: '',
    follow: null,
    main: html`<h1>There is nothing here</h1>
      <p class="lead">No page has this address. <a href="/">What this is</a></p>`,
  });
}

export function troublePage(): Promise<string> {
  return renderPage({
    title: 'Trouble on our side',
    aside: '',
    follow: null,
    main: html`<h1>This page could not be made</h1>
      <p class="lead">The trouble is on our side and was noted. Try again in a moment.</p>`,
  });
}
