const allowed: Record<string, string[]> = {
  ...Object.fromEntries(
    (
      'h1 h2 h3 h4 h5 h6 p br hr b strong i em s del ins sub sup code pre kbd samp var tt blockquote q ul li dl dt dd ' +
      'table thead tbody tfoot tr summary div span'
    )
      .split(' ')
      .map((tag) => [tag, []]),
  ),
  a: ['href', 'title'],
  img: ['src', 'alt', 'title', 'width', 'height'],
  ol: ['start'],
  th: ['align', 'colspan', 'rowspan'],
  td: ['align', 'colspan', 'rowspan'],
  details: ['open'],
};

const empty = new Set(['br', 'hr', 'img']);
/** What stands inside of these is not text for people. */
const dropped = new Set(['script', 'style', 'template', 'noscript', 'iframe', 'object', 'textarea', 'title', 'svg', 'math', 'select', 'xmp']);

const token = /<!--[\s\S]*?(?:-->|$)|<(\/?)([a-z][a-z0-9-]*)((?:[^<>"']|"[^"]*"|'[^']*')*)>|<|>/gi;
const attribute = /([a-z-]+)(?:\s*=\s*("[^"]*"|'[^']*'|[^\s"'=<>`]+))?/gi;

/**
 * HTML with nothing left in it but the tags and attributes that GitHub lets through; comments go, and so do scripts with what stands in
 * them. Tags are closed in order, so that a piece of it can be put anywhere.
 */
export function sanitize(html: string): string {
  const out: string[] = [];
  const open: string[] = [];
  let at = 0;
  token.lastIndex = 0;
  for (let match = token.exec(html); match; match = token.exec(html)) {
    out.push(html.slice(at, match.index));
    at = token.lastIndex;
    const [whole, slash, name = '', rest = ''] = match;
    const tag = name.toLowerCase();
    if (whole === '<' || whole === '>') out.push(whole === '<' ? '&lt;' : '&gt;');
    else if (dropped.has(tag) && slash === '') at = token.lastIndex = endOf(html, tag, at);
    else if (tag in allowed && slash === '') {
      const kept = attributes(tag, rest);
      if (tag !== 'img' || kept.includes(' src=')) out.push(`<${tag}${kept}>`);
      if (!empty.has(tag)) open.push(tag);
    } else if (slash === '/' && open.includes(tag)) {
      for (let last = open.pop(); last !== undefined; last = last === tag ? undefined : open.pop()) out.push(`</${last}>`);
    }
  }
  out.push(html.slice(at), ...open.toReversed().map((tag) => `</${tag}>`));
  return out.join('');
}

function endOf(html: string, tag: string, from: number): number {
  const end = new RegExp(`</${tag}[^>]*>`, 'gi');
  end.lastIndex = from;
  return end.exec(html) ? end.lastIndex : html.length;
}

function attributes(tag: string, text: string): string {
  const kept: string[] = [];
  for (const [, rawName = '', rawValue = ''] of text.matchAll(attribute)) {
    const name = rawName.toLowerCase();
    const value = rawValue.replace(/^(["'])([\s\S]*)\1$/, '$2');
    if (!allowed[tag]?.includes(name) || ((name === 'href' || name === 'src') && !harmless(name, value))) continue;
    kept.push(` ${name}="${value.replaceAll('"', '&quot;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')}"`);
  }
  if (tag === 'a') kept.push(' rel="nofollow noopener noreferrer"');
  return kept.join('');
}

/** By what the address plainly begins with: one that hides its scheme behind entities or blanks is not one of these. */
function harmless(name: string, url: string): boolean {
  return name === 'src' ? /^https?:\/\//i.test(url) : /^(?:https?:\/\/|mailto:|#|\/(?!\/))/i.test(url);
}
