import { Marked } from 'marked';
import { sanitize } from './sanitize.ts';

const marked = new Marked({ gfm: true, breaks: true, async: false });

/** A comment's Markdown as HTML that is safe to show, as GitHub renders comments: every line break counts. */
export function markdown(text: string): string {
  return sanitize(marked.parse(text, { async: false }));
}
