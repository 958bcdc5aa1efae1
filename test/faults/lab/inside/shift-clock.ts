const RealDate = Date;
let shift = 0;

class ShiftedDate extends RealDate {
  constructor(...parts: unknown[]) {
    if (parts.length === 0) super(RealDate.now() + shift);
    else super(...(parts as [number]));
  }

  static override now(): number {
    return RealDate.now() + shift;
  }
}

/** The time of day is wrong by so many ms from now on; how long things take is not. */
export function shiftClock(ms: number): void {
  shift = ms;
  globalThis.Date = ShiftedDate as DateConstructor;
}
