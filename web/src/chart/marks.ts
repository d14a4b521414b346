/** Performance marks by which the budgets are measured. */
const seen = new Set<string>();

function markOnce(name: string, startTime?: number): void {
  if (seen.has(name)) return;
  seen.add(name);
  performance.mark(name, startTime === undefined ? {} : { startTime });
}

/** Start of the page load. */
export function markNavigation(): void {
  markOnce("tc:nav", 0);
}

/** The first frame with candles. */
export function markFirstCandle(): void {
  markOnce("tc:first-candle");
}

/** The first frame with candles and drawings. */
export function markFirstFrame(): void {
  markOnce("tc:first-frame");
}

/** From the request for a series to the frame that shows its candles. */
export function measureSwitch(startedAtMs: number): void {
  performance.measure("tc:switch", { start: startedAtMs, end: performance.now() });
}
