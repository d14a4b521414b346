import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { follow, lineUpTo, moveNumber, timeOfX, xOfTime, zoomStretch } from "./scrubber";

const WHOLE = { from: 0, to: 600_000 };

describe("scrubber", () => {
  it("a coordinate and its time are the same place", () => {
    const place = fc.record({ from: fc.integer({ min: 0, max: 1e9 }), span: fc.integer({ min: 60, max: 1e8 }) });
    fc.assert(
      fc.property(
        place,
        fc.integer({ min: 1, max: 4_000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (s, width, part) => {
          const stretch = { from: s.from, to: s.from + s.span };
          expect(xOfTime(timeOfX(part * width, stretch, width), stretch, width)).toBeCloseTo(part * width, 4);
        },
      ),
    );
  });

  it("zooming keeps the pointed time in its place, and stays inside of the whole", () => {
    const input = { x: 300, width: 600, deltaPx: -100, step: 60 };
    const near = zoomStretch(WHOLE, WHOLE, input);
    expect(timeOfX(300, near, 600)).toBeCloseTo(300_000, 0);
    expect(near.to - near.from).toBeCloseTo(500_000, 0);
    expect(zoomStretch(near, WHOLE, { ...input, deltaPx: 200 })).toEqual(WHOLE);
    const edge = zoomStretch({ from: 0, to: 60_000 }, WHOLE, { ...input, x: 0, deltaPx: 100 });
    expect(edge.from).toBe(0);
    const least = zoomStretch({ from: 0, to: 4_000 }, WHOLE, { ...input, deltaPx: -5_000 });
    expect(least.to - least.from).toBe(3_600);
  });

  it("goes where the position is, and stays where it shows it", () => {
    const stretch = { from: 0, to: 6_000 };
    expect(follow(stretch, WHOLE, 6_000)).toBe(stretch);
    expect(follow(stretch, WHOLE, 9_000)).toEqual({ from: 6_000, to: 12_000 });
    expect(follow(stretch, WHOLE, 600_000)).toEqual({ from: 594_000, to: 600_000 });
  });

  it("has no point right of the position", () => {
    const times = [0, 60, 120, 180];
    expect(lineUpTo(times, [1, 2, 3, 4], 150, 2.5)).toEqual([
      { time: 0, close: 1 },
      { time: 60, close: 2 },
      { time: 120, close: 3 },
      { time: 150, close: 2.5 },
    ]);
    expect(lineUpTo(times, [1, 2, 3, 4], 120, 9).at(-1)).toEqual({ time: 120, close: 3 });
    expect(lineUpTo(times, [1, 2, 3, 4], -1, null)).toEqual([]);
  });

  it("counts moves from one", () => {
    expect([moveNumber(0, 0, 60), moveNumber(600, 0, 60), moveNumber(-60, 0, 60)]).toEqual([1, 11, 1]);
  });
});
