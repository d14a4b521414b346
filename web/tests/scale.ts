import type { Scale } from "../src/chart/shapes/shape";
import { SlotTable } from "../src/chart/slots";

/** `count` bars, one a minute from time 0, without holes. */
export function plainSlots(count: number): SlotTable {
  return SlotTable.of(
    60,
    Array.from({ length: count }, (_, at) => at * 60),
  );
}

/** A scale with slot 0 at x 0 and price 0 at the bottom; one price unit is one pixel. */
export function plainScale(change: Partial<Scale> = {}): Scale {
  const spacing = change.spacing ?? 10;
  return {
    width: 1_000,
    height: 500,
    ratio: 1,
    spacing,
    key: "",
    first: 0,
    last: 100,
    x: (slot) => slot * spacing,
    y: (price) => 500 - price,
    bar: () => ({ high: 120, low: 80 }),
    ...change,
  };
}
