import { describe, expect, test } from "vitest";
import { penItem, pivotItem } from "../../../tests/fake-api";
import { plainScale, plainSlots } from "../../../tests/scale";
import { SlotTable } from "../slots";
import { layoutBoundaries } from "./boundary-line";
import { layoutBands } from "./gap-band";
import { layoutAxisBox } from "./last-price";
import { penHead } from "./pen-head";
import { penLine } from "./pen-line";
import { pivotDot } from "./pivot-dot";
import { lineWidthAt, runsOf, snap } from "./shape";
import { unknownMarker } from "./unknown-marker";
import { unknownPolyline } from "./unknown-polyline";

const slots = plainSlots(200);

describe("points of a line", () => {
  const at = (...times: number[]) => times.map((time) => ({ time, value: time }));

  test("stand on the bars of their times", () => {
    expect(runsOf(at(0, 120), slots)).toEqual([
      [
        { slot: 0, price: 0, time: 0 },
        { slot: 2, price: 120, time: 120 },
      ],
    ]);
  });

  test("without a loaded bar cut the line, and single points are dropped", () => {
    const runs = runsOf(at(0, 60, 61, 120, 60_000, 180, 240), slots);
    expect(runs.map((run) => run.map((point) => point.slot))).toEqual([
      [0, 1],
      [3, 4],
    ]);
  });
});

describe("confirmed pens", () => {
  const pens = penLine.prepare(
    [
      penItem(
        [
          [0, 100],
          [600, 200],
          [3_000, 50],
          [9_000, 300],
        ],
        1,
      ),
    ],
    slots,
  );

  test("are one line; what is out of view is not laid out", () => {
    const laid = penLine.layout(pens, plainScale({ first: 12, last: 40 }));
    expect(laid.lines).toEqual([
      [
        { x: 100, y: 300 },
        { x: 500, y: 450 },
      ],
    ]);
    expect(laid.shown).toEqual({ "pen.confirmed": 1 });
    expect(laid.inView).toEqual({ "pen.confirmed": 1 });
  });

  test("left of the drawing nothing is drawn", () => {
    expect(penLine.layout(pens, plainScale({ first: 160, last: 190 })).lines).toEqual([]);
  });

  test("count as pens", () => {
    expect(penLine.facts?.(pens)).toEqual({ "pen-segments": 3 });
  });

  test("stretch the price scale by their visible part only", () => {
    expect(penLine.prices?.(pens, 10, 30)).toEqual({ low: 125, high: 200 });
    expect(penLine.prices?.(pens, 160, 190)).toBeNull();
  });

  test("lose half a pixel when bars are narrow", () => {
    expect(penLine.layout(pens, plainScale({ spacing: 2.9 })).width).toBe(1.5);
    expect(lineWidthAt(1, 1)).toBe(1);
  });
});

describe("unfinished pens", () => {
  test("end in a circle at the moving end while it is in view", () => {
    const heads = penHead.prepare(
      [
        penItem(
          [
            [600, 100],
            [1_200, 150],
          ],
          1,
          "pen.extending",
        ),
      ],
      slots,
    );
    expect(penHead.layout(heads, plainScale()).heads[0]?.end).toEqual({ x: 200, y: 350 });
    const cut = penHead.layout(heads, plainScale({ first: 0, last: 15 }));
    expect(cut.heads[0]?.end).toBeNull();
    expect(cut.shown).toEqual({ "pen.extending": 1 });
  });
});

describe("pivots", () => {
  const dots = pivotDot.prepare([pivotItem(600, 1), pivotItem(1_200, 1, "pivot.minor"), pivotItem(60_000, 1)], slots);

  test("stand 5 px off the bar; those without a loaded bar are dropped", () => {
    const laid = pivotDot.layout(dots, plainScale());
    expect(laid.major).toEqual([{ x: 100, y: 500 - 120 - 5 - 3.5, side: "above" }]);
    expect(laid.shown).toEqual({ "pivot.major": 1, "pivot.minor": 1 });
  });

  test("on an inverted scale stay on the far side of the bar", () => {
    const laid = pivotDot.layout(dots, plainScale({ y: (price) => price }));
    expect(laid.major[0]?.y).toBe(120 + 8.5);
  });
});

describe("features the client does not know", () => {
  test("keep their colour; width is rounded and clamped", () => {
    const item = penItem(
      [
        [0, 1],
        [600, 2],
      ],
      1,
      "new.thing",
    );
    const definition = { ...item.definition, lineWidth: 9, color: "" } as typeof item.definition;
    const prepared = unknownPolyline.prepare([{ ...item, definition }], slots);
    const laid = unknownPolyline.layout(prepared, plainScale());
    expect(laid.lines[0]).toMatchObject({ width: 4, style: { color: "#f59e0b", dashed: false } });
    expect(laid.shown).toEqual({ "new.thing": 1 });
  });

  test("markers are thinned to one per column when bars are narrow", () => {
    const items = Array.from({ length: 20 }, (_, at) => pivotItem(at * 60, 1, "new.mark"));
    const prepared = unknownMarker.prepare(items, slots);
    expect(unknownMarker.layout(prepared, plainScale()).shown).toEqual({ "new.mark": 20 });
    expect(unknownMarker.layout(prepared, plainScale({ spacing: 1 })).shown).toEqual({ "new.mark": 2 });
  });
});

test("bands cover exactly the empty columns in view", () => {
  const holed = SlotTable.of(60, [0, 60, 300, 360]);
  const bands = layoutBands(holed.gaps(), plainScale());
  expect(bands.map(({ left, right }) => [left, right])).toEqual([[15, 45]]);
  expect(layoutBands(holed.gaps(), plainScale({ first: 5, last: 9 }))).toEqual([]);
  expect(layoutBands(holed.gaps(), plainScale(), () => "filling").map(({ state }) => state)).toEqual(["filling"]);
});

test("boundary lines stand at the left edge of their column, and only inside the plot", () => {
  const boundary = { id: "drawings-start", slot: 4, text: "", labelSide: "right" } as const;
  expect(layoutBoundaries([boundary], plainScale()).map(({ x }) => x)).toEqual([35]);
  expect(layoutBoundaries([{ ...boundary, slot: 4_000 }], plainScale())).toEqual([]);
});

test("the axis label is centred on the price and stays inside the axis", () => {
  const last = { text: "1", countdown: "0:12", color: "#fff" };
  expect(layoutAxisBox({ ...last, y: 200 }, 400)).toEqual({ top: 191, height: 30 });
  expect(layoutAxisBox({ ...last, y: 2 }, 400).top).toBe(0);
  expect(layoutAxisBox({ ...last, y: 399 }, 400).top).toBe(370);
});

test("one-pixel lines stand on the middle of a device pixel", () => {
  expect(snap(10.2, 1)).toBe(10.5);
  expect(snap(10.2, 2)).toBe(10.25);
});
