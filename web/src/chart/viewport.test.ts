import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  centreOn,
  firstView,
  historyThreshold,
  isFollowing,
  MAX_SPACING,
  MIN_SPACING,
  reveal,
  slotAt,
  wheelPixels,
  wheelZoomFactor,
  xOf,
  zoomAt,
} from "./viewport";

describe("the first view", () => {
  test("shows about 150 bars with a margin of 12", () => {
    expect(firstView(1_215, 150)).toEqual({ spacing: 7.5, rightOffset: 12 });
  });

  test("keeps bars readable on any width", () => {
    expect(firstView(334, 150)).toEqual({ spacing: 4.5, rightOffset: 8 });
    expect(firstView(4_000, 150).spacing).toBe(14);
  });
});

describe("zoom", () => {
  const view = { spacing: 8, rightOffset: 5 };

  test("keeps the bar under the cursor in its place", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 900 }), fc.double({ min: 0.3, max: 3, noNaN: true }), (x, factor) => {
        const slot = slotAt(view, 1_000, 499, x);
        const zoomed = zoomAt(view, 1_000, 499, x, factor);
        expect(xOf(zoomed, 1_000, 499, slot)).toBeCloseTo(x, 6);
      }),
    );
  });

  test("in the right margin keeps the newest bar in its place", () => {
    const before = xOf(view, 1_000, 499, 499);
    const zoomed = zoomAt(view, 1_000, 499, 995, 1.5);
    expect(xOf(zoomed, 1_000, 499, 499)).toBeCloseTo(before, 6);
  });

  test("stops at the limits", () => {
    expect(zoomAt(view, 1_000, 499, 500, 1e6).spacing).toBe(MAX_SPACING);
    expect(zoomAt(view, 1_000, 499, 500, 1e-6).spacing).toBe(MIN_SPACING);
  });

  test("is 10 % per 100 px of wheel, up is in", () => {
    expect(wheelZoomFactor(-100)).toBeCloseTo(1.1);
    expect(wheelZoomFactor(100)).toBeCloseTo(1 / 1.1);
  });

  test("reads lines and pages as pixels", () => {
    expect(wheelPixels(3, 1, 800)).toBe(48);
    expect(wheelPixels(1, 2, 800)).toBe(800);
    expect(wheelPixels(7, 0, 800)).toBe(7);
  });
});

test("slots and coordinates are inverse", () => {
  const view = { spacing: 7.3, rightOffset: -41.25 };
  expect(slotAt(view, 1_234, 1_999, xOf(view, 1_234, 1_999, 1_812))).toBeCloseTo(1_812, 9);
});

describe("follow", () => {
  test("is on while the newest bar is in view", () => {
    expect(isFollowing({ spacing: 10, rightOffset: 12 }, 1_000)).toBe(true);
    expect(isFollowing({ spacing: 10, rightOffset: 0 }, 1_000)).toBe(true);
    expect(isFollowing({ spacing: 10, rightOffset: -1 }, 1_000)).toBe(false);
    expect(isFollowing({ spacing: 10, rightOffset: 120 }, 1_000)).toBe(false);
  });
});

describe("bringing a slot into view", () => {
  const view = { spacing: 10, rightOffset: 0 };

  test("moves as little as needed", () => {
    expect(reveal(view, 1_000, 499, 450)).toBe(view);
    expect(reveal({ ...view, rightOffset: -100 }, 1_000, 499, 430).rightOffset).toBe(-69);
    expect(reveal(view, 1_000, 499, 390).rightOffset).toBe(-10);
  });

  test("puts a searched bar at two thirds", () => {
    const centred = centreOn(view, 1_000, 499, 200);
    expect(xOf(centred, 1_000, 499, 200) / 1_000).toBeCloseTo(2 / 3, 1);
  });
});

test("history is asked for 300 bars or one screen ahead", () => {
  expect(historyThreshold({ spacing: 10, rightOffset: 0 }, 1_000)).toBe(300);
  expect(historyThreshold({ spacing: 1, rightOffset: 0 }, 1_000)).toBe(1_000);
});
