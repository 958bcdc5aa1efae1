import { logTail } from '../domain/kept-log.ts';
import { spanText } from './times.ts';

/** How many lines stand in one block of the page, which the browser lays out only when it comes into sight. */
export const linesPerBlock = 100;

/**
 * Keeps the open page of a log true over its event stream. What arrives of the log is only ever set as text; lines have numbers, so that none comes
 * twice however often the connection is cut, and what is missing shows as a gap. The browser holds no more of a log than its first and last lines.
 * `main` tells where the page ends: `data-next`, the number of the next line, and `data-now`, the program's clock. A hidden page listens to
 * nothing: a browser has six connections to a host.
 */
export const logScript = `
(() => {
  const spanText = ${spanText};
  const main = document.querySelector('main');
  const [head, gap, tail] = ['.head', '.gap', '.tail'].map((name) => document.querySelector('.log ' + name));
  const lost = document.querySelector('[data-lost]');
  const linesOf = (side) => [...side.children].reduce((sum, block) => sum + block.childElementCount, 0);
  let next = Number(main.dataset.next);
  let leftOut = Number(gap.dataset.lines);
  let ahead = Date.now() - Number(main.dataset.now);
  let tailLines = linesOf(tail);
  let tailCharacters = tail.textContent.length;
  let source = null;
  let over = false;
  let failures = 0;
  let again = 0;
  let silence = 0;
  let following = false;
  let lastY = scrollY;
  const atEnd = () => scrollY > 0 && innerHeight + scrollY >= document.documentElement.scrollHeight - 100;

  function open() {
    clearTimeout(again);
    if (over || source !== null || document.hidden) return;
    source = new EventSource(location.pathname + '/events?from=' + next);
    source.onopen = () => {
      failures = 0;
      clearTimeout(silence);
      silence = 0;
      lost.hidden = true;
    };
    source.onerror = () => {
      silence ||= setTimeout(() => { lost.hidden = false; }, 8000);
      if (source.readyState !== EventSource.CLOSED) return;
      close();
      again = setTimeout(open, Math.min(30000, 1000 * 2 ** failures));
      failures += 1;
    };
    const on = (name, take) => source.addEventListener(name, ({ data }) => take(JSON.parse(data)));
    on('lines', append);
    on('about', show);
    on('end', (about) => {
      over = true;
      close();
      clearTimeout(silence);
      lost.hidden = true;
      show(about);
    });
    on('anew', () => location.reload());
  }

  function close() {
    source?.close();
    source = null;
  }

  function append({ side, lines }) {
    // The browser tells of a scroll a frame later: by then the end may be elsewhere.
    if (atEnd()) following = true;
    const into = side === 'head' ? head : tail;
    for (const [number, stream, pieces] of lines) {
      if (number < next) continue;
      if (number > next) jump(number - next);
      next = number + 1;
      const line = document.createElement('div');
      line.className = stream;
      for (const piece of pieces) line.append(typeof piece === 'string' ? piece : looking(piece));
      blockOf(into).append(line);
      if (into === head) continue;
      tailLines += 1;
      tailCharacters += line.textContent.length;
    }
    while (tail.children.length > 1 && (tailLines > ${logTail.lines} || tailCharacters > ${logTail.bytes})) dropFirst();
    gap.hidden = leftOut === 0;
    gap.textContent = leftOut.toLocaleString('en') + (leftOut === 1 ? ' line is' : ' lines are') + ' left out here';
    document.querySelector('[data-none]')?.remove();
  }

  function looking([look, text]) {
    const span = document.createElement('span');
    span.className = look;
    span.textContent = text;
    return span;
  }

  function blockOf(side) {
    const last = side.lastElementChild;
    if (last !== null && last.childElementCount < ${linesPerBlock}) return last;
    const block = document.createElement('div');
    block.className = 'block';
    side.append(block);
    return block;
  }

  function jump(count) {
    leftOut += count;
    while (tail.firstElementChild !== null) dropFirst();
  }

  function dropFirst() {
    const block = tail.firstElementChild;
    leftOut += block.childElementCount;
    tailLines -= block.childElementCount;
    tailCharacters -= block.textContent.length;
    block.remove();
  }

  function show({ title, now, parts }) {
    document.title = title;
    ahead = Date.now() - now;
    for (const [name, html] of Object.entries(parts)) {
      const page = new DOMParser().parseFromString(html, 'text/html');
      document.querySelector('[data-part="' + name + '"]').replaceChildren(...page.body.childNodes);
    }
  }

  setInterval(() => {
    for (const time of document.querySelectorAll('[data-since]')) time.textContent = spanText(Date.now() - ahead - Number(time.dataset.since)) + ' …';
  }, 1000);
  // What comes into sight gets its real height only then: whoever goes to the end may find it farther away a moment later.
  addEventListener('click', ({ target }) => {
    if (target instanceof Element && target.closest('a[href="#end"]') !== null) following = true;
  });
  addEventListener('scroll', () => {
    if (atEnd()) following = true;
    else if (scrollY < lastY) following = false;
    lastY = scrollY;
  }, { passive: true });
  new ResizeObserver(() => {
    if (following) scrollTo(0, document.documentElement.scrollHeight);
  }).observe(main);
  document.addEventListener('visibilitychange', () => (document.hidden ? close() : open()));
  open();
})();
`;
