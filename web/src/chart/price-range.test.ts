import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { widened } from "./price-range";

describe("a price range", () => {
  const range = { low: 100, high: 110 };

  it("makes room for what is asked for", () => {
    expect(widened(range, null)).toBe(range);
    expect(widened(range, { low: 95, high: 95 })).toEqual({ low: 95, high: 110 });
    expect(widened(range, { low: 103, high: 104 })).toEqual(range);
  });

  it("never gives away more than two thirds", () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true }), fc.float({ noNaN: true }), (a, b) => {
        const { low, high } = widened(range, { low: Math.min(a, b), high: Math.max(a, b) });
        expect(low <= 100 && high >= 110 && high - low <= 30).toBe(true);
      }),
    );
  });
});
