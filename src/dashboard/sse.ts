/** An event of a stream of server-sent events (HTML standard, 9.2). */
export type StreamEvent = {
  name: string;
  /** What the browser sends back as `Last-Event-ID` when it comes again. */
  id: number | null;
  /** Becomes JSON. */
  data: unknown;
};

export function eventText({ name, id, data }: StreamEvent): string {
  return `event: ${name}\n${id === null ? '' : `id: ${id}\n`}${fields('data', JSON.stringify(data))}\n`;
}

/** How long the browser waits before it connects again. */
export function retryText(ms: number): string {
  return `retry: ${ms}\n\n`;
}

/** Means nothing to a browser; keeps proxies from taking the stream for dead. */
export const heartbeatText = ': still here\n\n';

/**
 * From which line a client goes on: `Last-Event-ID` (it was here before), else `?from=`, else 0. What is not a whole number counts as not there.
 */
export function positionOf(lastEventId: string | undefined, from: string | undefined): number {
  return wholeNumber(lastEventId) ?? wholeNumber(from) ?? 0;
}

/** Every line of a text needs the field's name. */
function fields(name: string, text: string): string {
  return text.split(/\r\n|\r|\n/).map((line) => `${name}: ${line}\n`).join('');
}

function wholeNumber(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : null;
}
