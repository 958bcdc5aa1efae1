import type { Browser, Page } from 'playwright-core';

export type WatchedPage = {
  page: Page;
  /** What nobody should see, since it was last asked for: dialogs, windows, breaches of the page's own policy, errors, and requests to other places than `origins`. */
  complaints(): string[];
};

/** A page of a browser in which everything is written down that a text from outside could make happen. `origins`: where it may ask. */
export async function watchedPage(browser: Browser, origins: (url: URL) => boolean): Promise<WatchedPage> {
  const page = await browser.newPage();
  const complaints: string[] = [];
  page.on('dialog', (dialog) => {
    complaints.push(`a dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('pageerror', (error) => complaints.push(`an error: ${error.message}`));
  page.on('console', (message) => {
    if (!/the server responded with a status of/.test(message.text())) complaints.push(`the console: ${message.text()}`);
  });
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (url.protocol !== 'data:' && !origins(url)) complaints.push(`a request for ${request.url()}`);
  });
  page.on('popup', (popup) => complaints.push(`a window: ${popup.url()}`));
  return { page, complaints: () => complaints.splice(0) };
}

/** Every address that the page's elements lead to or load from, and every attribute that would run something. */
export async function reachOf(page: Page): Promise<{ addresses: string[]; handlers: string[] }> {
  return page.evaluate(`(() => {
    const attributes = [...document.querySelectorAll('*')].flatMap((element) => [...element.attributes]);
    const leading = new Set(['href', 'src', 'srcset', 'action', 'formaction', 'data', 'poster', 'xlink:href']);
    return {
      addresses: attributes.filter(({ name }) => leading.has(name)).map(({ value }) => value),
      handlers: attributes.filter(({ name, value }) => name.startsWith('on') || /^\\s*javascript:/i.test(value)).map(({ name, value }) => name + '=' + value),
    };
  })()`);
}
