import { describe, expect, test } from "vitest";
import { objectsAt } from "./picking";
import type { LaidObject, Outline } from "./shapes/object";
import type { ShapeLayer } from "./shapes/shape";

const object = (id: string, layer: ShapeLayer, outline: Outline): LaidObject => ({
  ref: { id, feature: id, part: null },
  layer,
  outline,
  tone: "pen",
  time: 0,
});
const box = object("zone", "lines", { kind: "box", left: 0, right: 200, top: 0, bottom: 200 });
const level = object("level", "levels", {
  kind: "path",
  width: 2,
  points: [
    { x: 0, y: 100 },
    { x: 400, y: 100 },
  ],
});
const pen = object("pen", "lines", {
  kind: "path",
  width: 2,
  points: [
    { x: 0, y: 0 },
    { x: 200, y: 200 },
  ],
});
const dot = object("dot", "marks", { kind: "dot", x: 100, y: 100, radius: 3 });
const all = [level, box, pen, dot];
const at = (x: number, y: number, reach = 6) => objectsAt(all, { x, y }, reach).map(({ ref }) => ref.id);

describe("what lies under a point", () => {
  test("starts with the topmost layer and ends with the inside of boxes", () => {
    expect(at(100, 100)).toEqual(["dot", "pen", "level", "zone"]);
  });

  test("is near within the reach, which is wider for a finger", () => {
    expect(at(300, 106)).toEqual(["level"]);
    expect(at(300, 107)).toEqual([]);
    expect(at(300, 112, 14)).toEqual(["level"]);
  });

  test("a box is met on its edge like a line, and inside last", () => {
    expect(at(198, 50)).toEqual(["zone"]);
    expect(at(150, 50)).toEqual(["zone"]);
    expect(at(220, 50)).toEqual([]);
  });

  test("of two in one layer the nearer one comes first, at the same distance the later one", () => {
    const other = object("other", "lines", { ...(pen.outline as Extract<Outline, { kind: "path" }>) });
    expect(objectsAt([pen, other], { x: 50, y: 50 }, 6).map(({ ref }) => ref.id)).toEqual(["other", "pen"]);
    const near = object("near", "lines", {
      kind: "path",
      width: 1,
      points: [
        { x: 0, y: 54 },
        { x: 99, y: 54 },
      ],
    });
    expect(objectsAt([near, pen], { x: 50, y: 51 }, 6).map(({ ref }) => ref.id)).toEqual(["pen", "near"]);
  });
});
