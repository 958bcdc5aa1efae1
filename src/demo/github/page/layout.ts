import { html, raw } from 'hono/html';
import { style } from './style.ts';

export type Html = ReturnType<typeof html>;

/** A page with its head; `crumbs` stands beside the name of the place. `nonce` lets the one script of ours run. */
export function layout(title: string, crumbs: Html, content: Html, nonce: string): Html {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="icon" href="data:,">
<style>${raw(style)}</style>
</head>
<body>
<div class="top"><div><a class="home" href="/"><i></i>Local GitHub</a> <span class="crumbs">${crumbs}</span></div></div>
<main id="live">${content}</main>
<script nonce="${nonce}">${raw(keepCurrent)}</script>
</body>
</html>`;
}

/** Reads the page again every 1.5 s while somebody looks, and swaps what changed; what was unfolded stays so. */
const keepCurrent = `
const again = async () => {
  if (!document.hidden) {
    try {
      const page = new DOMParser().parseFromString(await (await fetch(location.href)).text(), 'text/html');
      const next = page.getElementById('live'), now = document.getElementById('live');
      if (next && next.innerHTML !== shown) {
        shown = next.innerHTML;
        const open = [...now.querySelectorAll('details')].map((one) => one.open);
        now.replaceChildren(...next.childNodes);
        now.querySelectorAll('details').forEach((one, at) => { if (at in open) one.open = open[at]; });
        document.title = page.title;
      }
    } catch { /* GitHub was stopped; it may come back. */ }
  }
  setTimeout(again, 1500);
};
let shown = document.getElementById('live').innerHTML;
setTimeout(again, 1500);
`;

/** A time as people say it, with the exact one on hover. */
export function ago(date: Date, now: Date): Html {
  return html`<time datetime="${date.toISOString()}" title="${date.toUTCString()}">${inWords((now.getTime() - date.getTime()) / 1_000)}</time>`;
}

function inWords(seconds: number): string {
  const units: [string, number][] = [['day', 86_400], ['hour', 3_600], ['minute', 60]];
  const [unit, length] = units.find(([, one]) => seconds >= one) ?? [undefined, 1];
  if (unit === undefined) return 'just now';
  const count = Math.floor(seconds / length);
  return `${count} ${unit}${count === 1 ? '' : 's'} ago`;
}
