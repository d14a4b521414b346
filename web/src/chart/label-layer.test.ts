import { expect, test } from "vitest";
import { plainScale } from "../../tests/scale";
import { testTokens } from "../../tests/tokens";
import { LabelLayer } from "./label-layer";
import type { EdgeLabel } from "./shapes/shape";

const CHARACTER_PX = 6;
const style = { tokens: testTokens, palette: "standard", strong: false } as const;

/** Draws nothing; measures every character alike. */
function paper(): CanvasRenderingContext2D {
  const drawing = new Proxy({} as Record<string | symbol, unknown>, {
    get: (target, name) =>
      name === "measureText" ? (text: string) => ({ width: text.length * CHARACTER_PX }) : (target[name] ?? (() => {})),
  });
  return drawing as unknown as CanvasRenderingContext2D;
}

function level(id: string, price: number): EdgeLabel {
  const object = { ref: { id, feature: "sr.active", part: null }, tone: "up" };
  return { object, price, quiet: false } as unknown as EdgeLabel;
}

function painted(levels: readonly EdgeLabel[], legend: { width: number; height: number }, foot = 0) {
  const layer = new LabelLayer({
    notes: () => [],
    levels: () => levels,
    levelText: ({ object }) => object.ref.id,
    emphasised: () => [],
    lastPrice: () => 0,
    legend: () => legend,
    foot: () => foot,
  });
  layer.paint(paper(), plainScale({ width: 200, height: 500 }), style);
  return layer;
}

const AT_THE_RIGHT = 185;

test("a pill stands at the height of its level", () => {
  const layer = painted([level("level", 490)], { width: 0, height: 0 });
  expect(layer.at(AT_THE_RIGHT, 10)).toMatchObject({ ref: { id: "level" } });
});

test("no pill lies below the legend: it moves out, or is counted", () => {
  const legend = { width: 196, height: 30 };
  const moved = painted([level("low", 475)], legend);
  expect(moved.at(AT_THE_RIGHT, 25)).toBeNull();
  expect(moved.at(AT_THE_RIGHT, 45)).toMatchObject({ ref: { id: "low" } });
  const counted = painted([level("high", 495)], legend);
  expect(counted.facts()).toEqual({ labels: 1, overlaps: 0 });
  expect(counted.at(AT_THE_RIGHT, 490)).toEqual({ dropped: ["high"] });
});

test("no pill lies below what covers the plot from below", () => {
  const layer = painted([level("lowest", 2)], { width: 0, height: 0 }, 44);
  expect(layer.at(AT_THE_RIGHT, 498)).toBeNull();
  expect(layer.at(AT_THE_RIGHT, 450)).toMatchObject({ ref: { id: "lowest" } });
});
