import fc from "fast-check";
import { expect, test } from "vitest";
import { IntervalIndex } from "./cull";

test("finds exactly what touches the range", () => {
  const interval = fc.tuple(fc.nat(500), fc.nat(80)).map(([from, length]) => ({ from, to: from + length }));
  fc.assert(
    fc.property(fc.array(interval), fc.nat(600), fc.nat(100), (items, low, span) => {
      const high = low + span;
      const found = new Set(new IntervalIndex(items).touching(low, high));
      const expected = new Set(items.filter((item) => item.from <= high && item.to >= low));
      expect(found).toEqual(expected);
    }),
  );
});

test("equal starts keep their order", () => {
  const items = [
    { from: 5, to: 9, id: "a" },
    { from: 5, to: 6, id: "b" },
    { from: 1, to: 20, id: "c" },
  ];
  expect(new IntervalIndex(items).touching(5, 5).map((item) => item.id)).toEqual(["c", "a", "b"]);
});
