/**
 * Keeps an open page of a preview true. `main[data-follow]` asks for it: it looks at `/_kosuke/status` and loads the address anew when the
 * state is another one (or the app is there); with `data-progress` it takes the page's new content in place. `data-pause` is the time
 * between two looks in milliseconds. It ends when the new content asks for nothing.
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
    const { state, progress } = document.querySelector('main').dataset;
    try {
      const status = await (await read('/_kosuke/status', 'application/json')).json();
      if (status.state === 'running' || status.state !== state) return location.reload();
      if (progress !== undefined) {
        const answer = await read(location.href, 'text/html');
        if (!answer.headers.has('x-kosuke-state')) return location.reload();
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
