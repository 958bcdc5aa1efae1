/**
 * Keeps an open page true. `main[data-follow]` asks for it: `preview` looks at `/_kosuke/status` first and loads the address
 * anew when the state is another one (or the app is there); `page`, and a preview's page with `data-progress`, takes the page's
 * new content in place. `data-pause` is the time between two looks in milliseconds. It ends when the new content asks for nothing.
 */
export const followScript = `
(() => {
  let failures = 0;
  const read = (address, type) => fetch(address, { cache: 'no-store', headers: { accept: type }, signal: AbortSignal.timeout(10000) });
  const plan = () => {
    const { follow, pause } = document.querySelector('main').dataset;
    if (follow) setTimeout(look, Math.min(30000, Number(pause) * 2 ** failures));
  };
  async function look() {
    if (document.hidden) return document.addEventListener('visibilitychange', look, { once: true });
    const { follow, state, progress } = document.querySelector('main').dataset;
    try {
      if (follow === 'preview') {
        const status = await (await read('/_kosuke/status', 'application/json')).json();
        if (status.state === 'running' || status.state !== state) return location.reload();
      }
      if (follow === 'page' || progress !== undefined) {
        const answer = await read(location.href, 'text/html');
        if (follow === 'preview' && !answer.headers.has('x-kosuke-state')) return location.reload();
        if (follow === 'page' && !answer.ok) throw new Error(answer.statusText);
        show(new DOMParser().parseFromString(await answer.text(), 'text/html'));
      }
      failures = 0;
    } catch {
      failures = Math.min(5, failures + 1);
    }
    plan();
  }
  function show(page) {
    const atEnd = scrollY > 0 && innerHeight + scrollY >= document.body.scrollHeight - 40;
    document.title = page.title;
    document.querySelector('main').replaceWith(page.querySelector('main'));
    if (atEnd) scrollTo(0, document.body.scrollHeight);
  }
  plan();
})();
`;
