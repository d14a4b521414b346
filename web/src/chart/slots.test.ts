import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SlotTable } from "./slots";

describe("holes", () => {
  test("of up to 60 bars keep their width", () => {
    const table = SlotTable.of(60, [0, 60 * 61]);
    expect(table.length).toBe(62);
    expect(table.gaps()).toEqual([
      { fromTime: 60, toTime: 3_600, missing: 60, fromSlot: 1, toSlot: 60, broken: false },
    ]);
    expect(table.timeAt(30)).toBe(30 * 60);
  });

  test("longer ones take 12 columns and know how many bars are missing", () => {
    const table = SlotTable.of(60, [0, 60 * 1_241]);
    expect(table.length).toBe(14);
    expect(table.gaps()[0]).toMatchObject({ missing: 1_240, broken: true, fromSlot: 1, toSlot: 12 });
  });

  test("bars off the grid open none while they are less than two steps apart", () => {
    const table = SlotTable.of(60, [100, 160, 220, 250, 340]);
    expect(table.gaps()).toEqual([{ fromTime: 310, toTime: 280, missing: 1, fromSlot: 4, toSlot: 4, broken: false }]);
    expect(table.barAt(4)).toBeNull();
  });
});

describe("looking up", () => {
  const table = SlotTable.of(60, [0, 60, 240]);

  test("bars by time", () => {
    expect(table.slotOf(240)).toBe(4);
    expect(table.slotOf(120)).toBeNull();
    expect(table.slotOf(61)).toBeNull();
    expect(table.barAt(4)).toBe(2);
    expect(table.lowerBound(61)).toBe(2);
    expect(table.lowerBound(1_000)).toBe(5);
  });

  test("the nearest bar skips empty columns in the given direction", () => {
    expect(table.nearestBar(2, 1)).toBe(4);
    expect(table.nearestBar(3, -1)).toBe(1);
    expect(table.nearestBar(99, 1)).toBe(4);
    expect(new SlotTable(60).nearestBar(0, 1)).toBeNull();
  });
});

test("times ascend and every bar keeps its own, whatever the holes", () => {
  const steps = fc.array(fc.integer({ min: 1, max: 200_000 }), { minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(steps, (list) => {
      let time = 0;
      const times = list.map((step) => {
        time += step;
        return time;
      });
      const table = SlotTable.of(60, times);
      const all = Array.from({ length: table.length }, (_, slot) => table.timeAt(slot) ?? 0);
      expect(all.every((value, slot) => slot === 0 || value > (all[slot - 1] ?? 0))).toBe(true);
      times.forEach((value, bar) => {
        expect(table.barAt(table.slotOf(value) ?? -1)).toBe(bar);
      });
    }),
  );
});
