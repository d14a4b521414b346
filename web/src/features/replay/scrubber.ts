/** Arithmetic of the scrubber: a stretch of time over a width, its line and its ticks. Pure. */

export interface Stretch {
  /** Seconds, `from` < `to`. */
  readonly from: number;
  readonly to: number;
}

export interface Tick {
  readonly time: number;
  readonly kind: string;
}

/** The least stretch that zooming goes down to, moves. */
const LEAST_MOVES = 60;
const WHEEL_ZOOM = 1.2;
const WHEEL_STEP_PX = 100;

export function xOfTime(time: number, { from, to }: Stretch, width: number): number {
  return ((time - from) / Math.max(1, to - from)) * width;
}

export function timeOfX(x: number, { from, to }: Stretch, width: number): number {
  return from + (Math.min(Math.max(x, 0), width) / Math.max(1, width)) * (to - from);
}

/** Zooms around a coordinate, inside of the whole. */
export function zoomStretch(
  stretch: Stretch,
  whole: Stretch,
  {
    x,
    width,
    deltaPx,
    step,
  }: { readonly x: number; readonly width: number; readonly deltaPx: number; readonly step: number },
): Stretch {
  const most = whole.to - whole.from;
  const factor = WHEEL_ZOOM ** (deltaPx / WHEEL_STEP_PX);
  const span = Math.min(most, Math.max(LEAST_MOVES * step, (stretch.to - stretch.from) * factor));
  const pointed = timeOfX(x, stretch, width);
  const from = pointed - (x / Math.max(1, width)) * span;
  const inside = Math.min(Math.max(from, whole.from), whole.to - span);
  return span >= most ? whole : { from: inside, to: inside + span };
}

/** The stretch moved so far that it shows a time; itself when it does. */
export function follow(stretch: Stretch, whole: Stretch, time: number): Stretch {
  const span = stretch.to - stretch.from;
  if (time >= stretch.from && time <= stretch.to) return stretch;
  const from = Math.min(Math.max(time - span / 2, whole.from), Math.max(whole.from, whole.to - span));
  return { from, to: from + span };
}

/** The points of the line up to a time; the last one is the present price. */
export function lineUpTo(
  times: readonly number[],
  closes: readonly number[],
  at: number,
  price: number | null,
): readonly { readonly time: number; readonly close: number }[] {
  const points: { time: number; close: number }[] = [];
  for (let n = 0; n < times.length; n += 1) {
    const time = times[n] ?? 0;
    if (time > at) break;
    points.push({ time, close: closes[n] ?? 0 });
  }
  if (price !== null && (points.at(-1)?.time ?? 0) < at) points.push({ time: at, close: price });
  return points;
}

/** Number of the move a time is, from 1; never more than there are. */
export function moveNumber(time: number, first: number, step: number): number {
  return Math.max(1, Math.round((time - first) / step) + 1);
}
