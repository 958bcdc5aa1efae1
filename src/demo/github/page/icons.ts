import { raw } from 'hono/html';

const draw = (path: string, className = ''): ReturnType<typeof raw> =>
  raw(
    `<svg viewBox="0 0 16 16" class="${className}" fill="none" stroke="currentColor" stroke-width="1.7" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">${path}</svg>`,
  );

const ends = '<circle cx="4" cy="3.5" r="1.8"/><circle cx="4" cy="12.5" r="1.8"/><path d="M4 5.3v5.4"/>';

export const icons = {
  open: draw(`${ends}<circle cx="12" cy="12.5" r="1.8"/><path d="M12 10.7V6a2 2 0 0 0-2-2H8m1.7-2L7.7 4l2 2"/>`),
  draft: draw(`${ends}<circle cx="12" cy="12.5" r="1.8"/><path d="M12 4v.01M12 7.5v.01"/>`),
  closed: draw(`${ends}<circle cx="12" cy="12.5" r="1.8"/><path d="M12 10.7V7m-2-4.5 3.5 3.5m0-3.5L10 6"/>`),
  merged: draw(`${ends}<circle cx="12" cy="8.5" r="1.8"/><path d="M4 5.3c.3 2 2 3.2 6.2 3.2"/>`),
  good: draw('<path d="m3.5 8.5 3 3 6-7"/>'),
  bad: draw('<path d="m4 4 8 8m0-8-8 8"/>'),
  busy: draw('<path d="M8 2a6 6 0 1 0 6 6"/>', 'spin'),
  off: draw('<path d="M4 8h8"/>'),
};
