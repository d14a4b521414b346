import { describe, expect, test } from "vitest";
import { anchorItem, srItem, switchItem, zoneItems } from "../../../tests/fake-api";
import { plainScale, plainSlots } from "../../../tests/scale";
import { SlotTable } from "../slots";
import { anchorLine } from "./anchor-line";
import { srLevel } from "./sr-level";
import { switchArrow } from "./switch-arrow";
import { isSecondEdge, zoneBox } from "./zone-box";

const slots = plainSlots(200);

describe("zones", () => {
  const items = [...zoneItems("alive", [600, 3_000], [100, 140], -1), ...zoneItems("dead", [0, 480], [50, 70])];
  const zones = zoneBox.prepare(items, slots);

  test("are one box for each pair of lines, from start to end between their prices", () => {
    const laid = zoneBox.layout(zones, plainScale());
    expect(laid.zones.map(({ left, right, top, bottom }) => [left, right, top, bottom])).toEqual([
      [0.5, 80.5, 430.5, 450.5],
      [100.5, 500.5, 360.5, 400.5],
    ]);
    expect(laid.shown).toEqual({ "zhongshu.dead": 1, "zhongshu.alive": 1 });
    expect(laid.objects.map(({ tone }) => tone)).toEqual(["zoneUpDead", "zoneDown"]);
    expect(laid.objects.map(({ ref }) => ref.id).at(-1)).toBe("zhongshu.alive:top");
  });

  test("the second line of a pair is not counted as another thing", () => {
    expect(items.filter(({ instruction_id }) => !isSecondEdge(instruction_id))).toHaveLength(2);
    expect(isSecondEdge("custom:bottom")).toBe(false);
  });

  test("that begin before the loaded bars keep the part that is loaded; those wholly before are dropped", () => {
    const later = SlotTable.of(60, [1_200, 1_260, 1_320, 1_380]);
    const laid = zoneBox.layout(zoneBox.prepare(items, later), plainScale());
    expect(laid.zones.map(({ zone }) => [zone.from, zone.to])).toEqual([[0, 3]]);
  });

  test("half a pair draws nothing", () => {
    const half = zoneBox.layout(zoneBox.prepare(items.slice(0, 1), slots), plainScale());
    expect(half.zones).toEqual([]);
  });

  test("stretch the price scale only while they live", () => {
    expect(zoneBox.prices?.(zones, 0, 100)).toEqual({ low: 100, high: 140 });
    expect(zoneBox.prices?.(zones, 0, 5)).toBeNull();
  });

  test("out of view are not laid out", () => {
    expect(zoneBox.layout(zones, plainScale({ first: 60, last: 90 })).zones).toEqual([]);
  });
});

describe("anchors", () => {
  const current = anchorItem([
    [600, 100],
    [1_200, 160],
  ]);
  const earlier = (at: number) =>
    anchorItem(
      [
        [at, 100],
        [at + 300, 130],
      ],
      { switchTime: at + 600 },
    );

  test("the current one lies on top and carries a diamond at its start", () => {
    const laid = anchorLine.layout(anchorLine.prepare([current, earlier(900)], slots), plainScale());
    expect(laid.anchors.map(({ anchor }) => anchor.current)).toEqual([false, true]);
    expect(laid.anchors.at(-1)).toMatchObject({ start: { x: 100, y: 400 }, line: { length: 2 } });
  });

  test("end at the edge of the view, on the same slope", () => {
    const laid = anchorLine.layout(anchorLine.prepare([current], slots), plainScale({ first: 15, last: 40 }));
    expect(laid.anchors[0]?.line).toEqual([
      { x: 150, y: 370 },
      { x: 200, y: 340 },
    ]);
    expect(laid.anchors[0]?.start).toBeNull();
  });

  test("that begin before the loaded bars are drawn from there on", () => {
    const later = SlotTable.of(60, [900, 960, 1_020, 1_080, 1_140, 1_200]);
    const laid = anchorLine.layout(anchorLine.prepare([current], later), plainScale({ first: 0, last: 5 }));
    expect(laid.anchors[0]?.line[0]).toEqual({ x: 0, y: 370 });
  });

  test("on an unfinished pen are dashed", () => {
    const dashed = anchorItem(
      [
        [600, 1],
        [900, 2],
      ],
      { dashed: true },
    );
    expect(anchorLine.layout(anchorLine.prepare([dashed], slots), plainScale()).anchors[0]?.anchor.dashed).toBe(true);
  });

  test("more than five predecessors in view step back", () => {
    const fadedWith = (count: number) => {
      const items = Array.from({ length: count }, (_, at) => earlier(at * 60));
      return anchorLine.layout(anchorLine.prepare(items, slots), plainScale()).faded;
    };
    expect(fadedWith(5)).toBe(false);
    expect(fadedWith(6)).toBe(true);
  });
});

describe("anchor switches", () => {
  const arrows = switchArrow.prepare([switchItem(600, 1), switchItem(660, -1), switchItem(60_000, 1)], slots);

  test("point at the bar from 6 px off, up from below and down from above", () => {
    const laid = switchArrow.layout(arrows, plainScale());
    expect(laid.arrows.map(({ x, y, away }) => [x, y, away])).toEqual([
      [100, 500 - 80 + 6, 1],
      [110, 500 - 120 - 6, -1],
    ]);
    expect(laid).toMatchObject({ lettered: true, small: false, shown: { "anchor.switch": 2 } });
  });

  test("lose their letter below 6 px per bar and shrink to one per 16 px below 3", () => {
    expect(switchArrow.layout(arrows, plainScale({ spacing: 5 })).lettered).toBe(false);
    const many = switchArrow.prepare(
      Array.from({ length: 32 }, (_, at) => switchItem(at * 60, 1)),
      slots,
    );
    expect(switchArrow.layout(many, plainScale({ spacing: 1 }))).toMatchObject({
      small: true,
      shown: { "anchor.switch": 2 },
    });
  });

  test("stay on the far side of the bar when the scale is inverted", () => {
    const laid = switchArrow.layout(arrows, plainScale({ y: (price) => price }));
    expect(laid.arrows[0]).toMatchObject({ y: 80 - 6, away: -1 });
  });
});

describe("levels", () => {
  const items = [
    srItem("active", "resistance", 120, 600, 11_940),
    srItem("active", "support", 80, 1_200, 11_940),
    srItem("broken", "support", 90, 600, 1_800),
    srItem("active", "support", 4_000, 600, 11_940),
  ];
  const levels = srLevel.prepare(items, slots);

  test("run from their first touch to the last bar, broken ones to the bar that broke them", () => {
    const laid = srLevel.layout(levels, plainScale());
    const at = (price: number) => laid.levels.find(({ level }) => level.price === price);
    expect(at(120)).toMatchObject({ left: 100, right: 1_990, y: 380.5 });
    expect(at(90)).toMatchObject({ left: 100, right: 300, object: { tone: "srBroken" } });
    expect(laid.shown).toEqual({ "sr.active": 3, "sr.broken": 1 });
  });

  test("carry a label while their price is in view; that of a broken one is quiet", () => {
    const labels = srLevel.labels?.(srLevel.layout(levels, plainScale())) ?? [];
    expect(labels.map(({ price, quiet }) => [price, quiet])).toEqual([
      [120, false],
      [90, true],
      [80, false],
    ]);
  });

  test("whose start is older than the loaded bars begin at the first one", () => {
    const later = SlotTable.of(60, [1_500, 1_560, 1_620]);
    const laid = srLevel.layout(srLevel.prepare(items.slice(0, 1), later), plainScale());
    expect(laid.levels[0]?.level).toMatchObject({ from: 0, to: 2 });
  });
});
