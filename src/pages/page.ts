import { createHash } from 'node:crypto';
import { html, raw } from 'hono/html';
import { followScript } from './follow.ts';
import { logScript } from './log-script.ts';
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
  follow: null | FollowPreview | FollowLog;
};

/** Looks again and again; see `follow.ts`. */
export type FollowPreview = {
  how: 'preview';
  /** Compared with `/_kosuke/status`. */
  state: string;
  /** Milliseconds between two looks. */
  pause: number;
  /** Whether the content changes while the state stays. */
  progress: boolean;
};

/** Listens to the log's events; see `log-script.ts`. */
export type FollowLog = {
  how: 'log';
  /** Number of the line that comes next. */
  next: number;
  now: Date;
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
        ${follow !== null && (follow.how === 'log' || follow.progress) ? html`<noscript><meta http-equiv="refresh" content="3" /></noscript>` : ''}
      </head>
      <body>
        <header><b>Kosuke Preview</b><span>${aside}</span></header>
        <main ${attributesOf(follow)}>${main}</main>
        ${follow === null ? '' : html`<script>${raw(follow.how === 'log' ? logScript : followScript)}</script>`}
      </body>
    </html>`;
  return page.toString();
}

function attributesOf(follow: Page['follow']): Html | string {
  if (follow === null) return '';
  if (follow.how === 'log') return html`data-follow="log" data-next="${follow.next}" data-now="${follow.now.getTime()}"`;
  return html`data-follow="preview" data-state="${follow.state}" data-pause="${follow.pause}" ${follow.progress ? 'data-progress' : ''}`;
}

/**
 * Headers of every page of ours: never stored, never framed, never indexed, no address told to where a link leads, and only our own
 * style and scripts, by their hashes.
 */
export const pageHeaders: Readonly<Record<string, string>> = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy': [
    "default-src 'none'",
    `style-src ${hashOf(style)}`,
    `script-src ${hashOf(followScript)} ${hashOf(logScript)}`,
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
