export interface Screen {
  isTTY?: boolean;
  columns?: number;
  write(text: string): unknown;
}
export function formatLine(step: string, what: string, milliseconds: number): string;
export function startLine(
  step: string,
  surroundings?: { out?: Screen; now?: () => number },
): { doing(what: string): void; done(what: string): void };
