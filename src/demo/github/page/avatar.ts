import type { Account } from '../world.ts';

/** A picture of an account: its initials on a colour of its own; the App's has corners and a mark instead. */
export function avatarSvg(account: Account, size = 40): string {
  const bot = account.type === 'Bot';
  const hue = (account.id * 137) % 360;
  const shape = bot ? '<rect width="40" height="40" rx="9" fill="#1f2430"/>' : `<rect width="40" height="40" rx="20" fill="hsl(${hue} 45% 46%)"/>`;
  const mark = bot
    ? '<path d="M11 27.5 20 10l9 17.5h-5.4L20 20l-3.6 7.5z" fill="#8b7cff"/><circle cx="20" cy="30" r="2.2" fill="#4fd1a5"/>'
    : `<text x="20" y="25.5" text-anchor="middle" font-family="system-ui,sans-serif" font-size="15" font-weight="600" fill="#fff">${initials(account.login)}</text>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" class="avatar" width="${size}" height="${size}" viewBox="0 0 40 40" aria-hidden="true">${shape}${mark}</svg>`;
}

/** Letters and digits only, so that it needs no escaping: a login holds nothing else but hyphens. */
function initials(login: string): string {
  const parts = login.replace(/[^a-z\d-]/gi, '').split('-').filter((part) => part !== '');
  const [first = '?', second] = parts;
  return (second === undefined ? first.slice(0, 2) : `${first[0]}${second[0]}`).toUpperCase();
}
