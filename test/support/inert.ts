import { marked, type Token, type Tokens } from 'marked';

/** Characters by which a text steers a terminal, turns its direction or hides from its reader; `''` when there are none. */
export function actingCharacters(text: string): string {
  const found = text.match(/[\p{Cc}\p{Bidi_Control}\p{Default_Ignorable_Code_Point}\u2028\u2029\ufff9-\ufffb]/gu) ?? [];
  return found.filter((character) => character !== '\n' && character !== '\t').map((character) => `U+${character.codePointAt(0)!.toString(16)}`).join(' ');
}

/**
 * What a reader of Markdown (GitHub's flavour) makes of it, without its words: each element with its address or its HTML. A text from outside
 * that is inert leaves it as a harmless one would.
 */
export function anatomy(markdown: string): string[] {
  const parts: string[] = [];
  marked.walkTokens(marked.lexer(markdown), (token) => {
    if (!words.has(token.type)) parts.push(describe(token));
  });
  return parts;
}

/** The words that are seen, as GitHub shows them; `prose`: without those that stand in code, of which it makes no reference. */
export function visibleWords(markdown: string, which: 'all' | 'prose' = 'all'): string {
  const html = marked.parse(markdown, { async: false });
  return (which === 'all' ? html : html.replaceAll(/<code[^>]*>[^]*?<\/code>/g, ''))
    .replaceAll(/<!--[^]*?-->|<\/?[a-z][^<>]*>/g, '')
    .replaceAll(/&(lt|gt|quot|#39|amp);/g, (_, name: string) => ({ lt: '<', gt: '>', quot: '"', '#39': "'", amp: '&' })[name]!);
}

/** They hold words and nothing that acts. */
const words = new Set(['text', 'escape', 'codespan', 'space', 'paragraph', 'br']);

function describe(token: Token): string {
  if (token.type === 'link' || token.type === 'image') return `${token.type} ${(token as Tokens.Link).href}`;
  if (token.type === 'html') return `html ${(token as Tokens.HTML).raw.trim()}`;
  return token.type;
}
