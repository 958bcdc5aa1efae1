/** An event of a stream of server-sent events (HTML standard, 9.2). */
export type StreamEvent = {
  name: string;
  /** What the browser sends back as `Last-Event-ID` when it comes again. */
  id: number | null;
  /** Becomes JSON, which has no line ends: the event is one line of data. */
  data: unknown;
};

export function eventText({ name, id, data }: StreamEvent): string {
  return `event: ${name}\n${id === null ? '' : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`;
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

function wholeNumber(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : null;
}
