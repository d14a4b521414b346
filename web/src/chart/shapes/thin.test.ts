import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Dot, thinDots } from "./thin";

const dot = (slot: number, change: Partial<Dot> = {}): Dot => ({
  slot,
  price: 100,
  side: "above",
  major: true,
  ...change,
});
const minor = (slot: number) => dot(slot, { major: false });

describe("thinning", () => {
  test("from 6 px per bar on everything stays", () => {
    const dots = [dot(1), minor(1), minor(2)];
    expect(thinDots(dots, 6)).toBe(dots);
  });

  test("from 3 px on, minors need 8 px to the next dot; majors stay", () => {
    const dots = [dot(1), minor(2), minor(6), minor(20), dot(21)];
    expect(thinDots(dots, 4).map((each) => each.slot)).toEqual([1, 6, 21]);
  });

  test("from 1.5 px on, one major per 10 px column and side: the more extreme", () => {
    const dots = [
      dot(0, { price: 100 }),
      dot(1, { price: 105 }),
      dot(2, { price: 90, side: "below" }),
      dot(3, { price: 95, side: "below" }),
      minor(4),
      dot(8, { price: 1 }),
    ];
    expect(thinDots(dots, 2).map((each) => each.price)).toEqual([105, 90, 1]);
  });

  test("below that, one per 24 px", () => {
    const dots = Array.from({ length: 48 }, (_, slot) => dot(slot, { price: slot }));
    expect(thinDots(dots, 1).map((each) => each.slot)).toEqual([23, 47]);
  });

  test("never adds, never reorders, and keeps every major from 3 px on", () => {
    const any = fc.record({
      slot: fc.nat(300),
      price: fc.integer({ min: 1, max: 500 }),
      side: fc.constantFrom("above" as const, "below" as const),
      major: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(any), fc.double({ min: 0.5, max: 10, noNaN: true }), (list, spacing) => {
        const dots = list.sort((a, b) => a.slot - b.slot);
        const kept = thinDots(dots, spacing);
        expect(dots.filter((each) => kept.includes(each))).toEqual(kept);
        if (spacing >= 3) expect(kept.filter((each) => each.major)).toEqual(dots.filter((each) => each.major));
        else expect(kept.every((each) => each.major)).toBe(true);
      }),
    );
  });
});
