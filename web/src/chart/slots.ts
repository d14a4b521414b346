/**
 * Where every bar stands on the time axis.
 *
 * A slot is one column. Missing bars keep their columns, up to 60 of them; a longer hole takes 12. Times are never moved.
 */
export interface GapSpan {
  /** First and last missing open time, seconds. */
  readonly fromTime: number;
  readonly toTime: number;
  /** Bars that are missing. */
  readonly missing: number;
  /** First and last empty slot. */
  readonly fromSlot: number;
  readonly toSlot: number;
  /** The hole is drawn shorter than it is. */
  readonly broken: boolean;
}

const LONGEST_TRUE_GAP = 60;
const BROKEN_GAP_SLOTS = 12;
const EMPTY = -1;

/** Bars and holes of one window, in order. */
export class SlotTable {
  /** Seconds. */
  readonly timeframe: number;
  private readonly times: number[] = [];
  private readonly bars: number[] = [];
  private readonly spans: GapSpan[] = [];
  private barCount = 0;

  constructor(timeframe: number) {
    this.timeframe = timeframe;
  }

  static of(timeframe: number, barTimes: Iterable<number>): SlotTable {
    const table = new SlotTable(timeframe);
    for (const time of barTimes) table.push(time);
    return table;
  }

  /** Adds the next bar; returns the times of the empty slots it left before itself. */
  push(time: number): readonly number[] {
    const previous = this.times.at(-1);
    const empty = previous === undefined ? [] : this.openGap(previous, time);
    this.times.push(time);
    this.bars.push(this.barCount);
    this.barCount += 1;
    return empty;
  }

  /** Takes the last bar away, with the empty slots before it; returns how many slots went. */
  pop(): number {
    const gap = this.spans.at(-1);
    const empty = gap && gap.toSlot === this.times.length - 2 ? gap.toSlot - gap.fromSlot + 1 : 0;
    if (empty > 0) this.spans.pop();
    const count = Math.min(this.times.length, empty + 1);
    this.times.length -= count;
    this.bars.length -= count;
    this.barCount = Math.max(0, this.barCount - 1);
    return count;
  }

  get length(): number {
    return this.times.length;
  }

  gaps(): readonly GapSpan[] {
    return this.spans;
  }

  /** Whether bars are missing between two times. */
  spansGap(from: number, to: number): boolean {
    return this.spans.some((gap) => gap.toTime >= from && gap.fromTime <= to);
  }

  timeAt(slot: number): number | undefined {
    return this.times[slot];
  }

  /** Index of the bar in the slot; null for an empty slot and outside. */
  barAt(slot: number): number | null {
    const bar = this.bars[slot];
    return bar === undefined || bar === EMPTY ? null : bar;
  }

  /** Slot of the bar that opens exactly at `time`; null when there is none. */
  slotOf(time: number): number | null {
    const slot = this.lowerBound(time);
    return this.times[slot] === time && this.bars[slot] !== EMPTY ? slot : null;
  }

  /** First slot at or after `time`; `length` when all are older. */
  lowerBound(time: number): number {
    let low = 0;
    let high = this.times.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.times[middle] ?? 0) < time) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Nearest slot with a bar, from `slot` in the given direction first; null when there is no bar. */
  nearestBar(slot: number, direction: 1 | -1): number | null {
    const last = this.times.length - 1;
    const start = Math.min(Math.max(slot, 0), last);
    for (const step of [direction, -direction]) {
      for (let at = start; at >= 0 && at <= last; at += step) if (this.bars[at] !== EMPTY) return at;
    }
    return null;
  }

  /** Missing bars in all. */
  missing(): number {
    return this.spans.reduce((sum, span) => sum + span.missing, 0);
  }

  private openGap(previous: number, time: number): readonly number[] {
    const missing = Math.round((time - previous) / this.timeframe) - 1;
    if (missing <= 0) return [];
    const broken = missing > LONGEST_TRUE_GAP;
    const slots = broken ? BROKEN_GAP_SLOTS : missing;
    const step = broken ? (time - previous) / (slots + 1) : this.timeframe;
    const empty: number[] = [];
    for (let at = 1; at <= slots; at += 1) {
      const slotTime = Math.floor(previous + at * step);
      // Bars off the grid can leave less room than the columns of the hole need.
      if (slotTime >= time) break;
      empty.push(slotTime);
    }
    const fromSlot = this.times.length;
    for (const slotTime of empty) {
      this.times.push(slotTime);
      this.bars.push(EMPTY);
    }
    this.spans.push({
      fromTime: previous + this.timeframe,
      toTime: time - this.timeframe,
      missing,
      fromSlot,
      toSlot: fromSlot + empty.length - 1,
      broken,
    });
    return empty;
  }
}

/** The loaded slots between two times, the ends moved onto loaded bars; null when nothing between them is loaded. */
export function slotRange(slots: SlotTable, fromTime: number, toTime: number): { from: number; to: number } | null {
  const from = slots.lowerBound(fromTime);
  const to = slots.lowerBound(toTime + 1) - 1;
  return from <= to ? { from, to } : null;
}

/** The slot of a time; before the first and after the last bar counted on in whole timeframes, so that lines keep their slope. */
export function reachingSlot(slots: SlotTable, time: number): number {
  const first = slots.timeAt(0) ?? 0;
  const last = slots.timeAt(slots.length - 1) ?? 0;
  if (time < first) return (time - first) / slots.timeframe;
  if (time > last) return slots.length - 1 + (time - last) / slots.timeframe;
  return slots.lowerBound(time);
}
