import { createHash } from 'node:crypto';
import { html, raw } from 'hono/html';
import { followScript } from './follow.ts';
import { style } from './style.ts';

/** What hono's `html` makes: escaped text, or a promise of it. */
export type Html = ReturnType<typeof html>;

export type Page = {
  /** Of the browser's tab. */
  title: string;
  /** At the right of the head line, e.g. the host. */
  aside: string;
  main: Html;
  /** Nothing: the page stays as it is. */
  follow: null | {
    how: 'preview' | 'page';
    /** Compared with `/_kosuke/status` by `preview`. */
    state: string;
    /** Milliseconds between two looks. */
    pause: number;
    /** Whether the content changes while the state stays. */
    progress: boolean;
  };
};

/** A whole page. Without scripts, one that shows progress is loaded anew by the browser every few seconds. */
export async function renderPage({ title, aside, main, follow }: Page): Promise<string> {
  const page = await html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <title>${title}</title>
        <link rel="icon" href="${icon}" />
        <style>${raw(style)}</style>
        ${follow?.progress ? html`<noscript><meta http-equiv="refresh" content="3" /></noscript>` : ''}
      </head>
      <body>
        <header><b>Kosuke Preview</b><span>${aside}</span></header>
        ${
          follow === null
            ? html`<main>${main}</main>`
            : html`<main data-follow="${follow.how}" data-state="${follow.state}" data-pause="${follow.pause}" ${follow.progress ? 'data-progress' : ''}>
                ${main}
              </main>`
        }
        ${follow === null ? '' : html`<script>${raw(followScript)}</script>`}
      </body>
    </html>`;
  return page.toString();
}

/**
 * Headers of every page of ours: never stored, never framed, never indexed, no address told to where a link leads, and only our own
 * style and script, by their hashes.
 */
export const pageHeaders: Readonly<Record<string, string>> = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy': [
    "default-src 'none'",
    `style-src ${hashOf(style)}`,
    `script-src ${hashOf(followScript)}`,
    "connect-src 'self'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Robots-Tag': 'noindex',
};

const icon = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><circle cx="8" cy="8" r="5" fill="#0b6b5a"/></svg>',
)}`;

function hashOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}
