import { describe, expect, it } from "vitest";
import { rowRange } from "./useVirtualRows";

describe("rowRange", () => {
  it("covers what is in view and a little more", () => {
    const { from, to } = rowRange(2_400, 240, 24, 5_000);
    expect(from).toBeLessThanOrEqual(100);
    expect(to).toBeGreaterThanOrEqual(111);
    expect(to - from).toBeLessThan(40);
  });

  it("stays inside of the list, also when rows went away below the scroll position", () => {
    expect(rowRange(0, 240, 24, 3)).toEqual({ from: 0, to: 3 });
    expect(rowRange(0, 240, 24, 0)).toEqual({ from: 0, to: 0 });
    const shrunk = rowRange(100_000, 240, 24, 50);
    expect(shrunk.to).toBe(50);
    expect(shrunk.from).toBeLessThanOrEqual(39);
  });
});
