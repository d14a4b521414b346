/** Finds the intervals that touch a range: sorted by start, with the largest end so far beside each. */
export interface Interval {
  readonly from: number;
  readonly to: number;
}

export class IntervalIndex<T extends Interval> {
  private readonly sorted: readonly T[];
  /** Largest `to` of the items up to each position; it never falls, so it can be searched. */
  private readonly maxTo: readonly number[];

  constructor(items: readonly T[]) {
    this.sorted = [...items].sort((a, b) => a.from - b.from);
    let largest = Number.NEGATIVE_INFINITY;
    this.maxTo = this.sorted.map((item) => {
      largest = Math.max(largest, item.to);
      return largest;
    });
  }

  get size(): number {
    return this.sorted.length;
  }

  /** Items with `from <= high` and `to >= low`, by start; equal starts keep their order. */
  touching(low: number, high: number): T[] {
    const found: T[] = [];
    const start = partition(this.maxTo, (to) => to < low);
    for (let at = start; at < this.sorted.length; at += 1) {
      const item = this.sorted[at];
      if (item === undefined || item.from > high) break;
      if (item.to >= low) found.push(item);
    }
    return found;
  }
}

/** Number of leading elements for which `before` holds; it must hold for a prefix only. */
export function partition<T>(values: readonly T[], before: (value: T) => boolean): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (before(values[middle] as T)) low = middle + 1;
    else high = middle;
  }
  return low;
}
