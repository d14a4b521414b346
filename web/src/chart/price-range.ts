/** What the automatic price scale shows beside the bars. */
import type { PriceRange } from "./shapes/shape";

/** A range with room for more, as long as what it is there for keeps a third of the height. */
export function widened(range: PriceRange, asked: PriceRange | null): PriceRange {
  if (!asked) return range;
  const most = range.high - range.low;
  return {
    low: Math.min(range.low, Math.max(asked.low, range.low - most)),
    high: Math.max(range.high, Math.min(asked.high, range.high + most)),
  };
}
