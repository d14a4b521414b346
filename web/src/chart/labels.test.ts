import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { countOverlaps, type LabelRequest, placeLabels } from "./labels";

const label = (id: string, x: number, y: number): LabelRequest => ({ id, x, y, width: 80, height: 18, axis: "y" });

describe("labels", () => {
  test("stay where they are wanted when there is room", () => {
    expect(placeLabels([label("a", 0, 0), label("b", 200, 0)]).map(({ id, shift }) => [id, shift])).toEqual([
      ["a", 0],
      ["b", 0],
    ]);
  });

  test("are shifted up to 18 px, else left out; the first one wins", () => {
    const placed = placeLabels([label("a", 0, 100), label("b", 0, 112), label("c", 0, 100)]);
    expect(placed.map(({ id }) => id)).toEqual(["a", "b"]);
    expect(Math.abs(placed[1]?.shift ?? 0)).toBeLessThanOrEqual(18);
  });

  test("never overlap", () => {
    const request = fc.record({
      id: fc.uuid(),
      x: fc.integer({ min: 0, max: 600 }),
      y: fc.integer({ min: 0, max: 300 }),
      width: fc.integer({ min: 10, max: 160 }),
      height: fc.constant(18),
      axis: fc.constantFrom("x" as const, "y" as const),
    });
    fc.assert(
      fc.property(fc.array(request, { maxLength: 40 }), (requests) => {
        expect(countOverlaps(placeLabels(requests))).toBe(0);
      }),
    );
  });
});

test("overlaps are counted", () => {
  expect(countOverlaps([label("a", 0, 0), label("b", 10, 10), label("c", 300, 0)])).toBe(1);
});
