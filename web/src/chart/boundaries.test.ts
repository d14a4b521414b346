import { expect, test } from "vitest";
import { candlesFrom } from "../../tests/candles";
import { testText } from "../../tests/text";
import { startWindow } from "../feed/window";
import { type BoundaryInput, boundariesOf } from "./boundaries";
import { timeFormat } from "./format/time";
import { SlotTable } from "./slots";

function input(count: number, change: Partial<BoundaryInput> = {}): BoundaryInput {
  const window = startWindow(60, candlesFrom(60, count), true);
  return {
    window,
    slots: SlotTable.of(
      60,
      window.candles.map((candle) => candle.candle_time),
    ),
    drawnTo: null,
    drawStatus: "none",
    text: testText,
    time: timeFormat("en", "UTC", 60),
    ...change,
  };
}

const ids = (given: BoundaryInput) => boundariesOf(given).map(({ id, slot }) => [id, slot]);

test("drawings start where their window does, once older bars are loaded", () => {
  expect(ids(input(2_000, { drawnTo: 2_000 * 60 }))).toEqual([]);
  expect(ids(input(2_500, { drawnTo: 2_500 * 60 }))).toEqual([["drawings-start", 499]]);
});

test("history starts at the oldest stored bar", () => {
  const given = input(5);
  expect(ids({ ...given, window: { ...given.window, atStart: true } })).toEqual([["history-start", 0]]);
});

test("a drawing that is behind ends with a line that names both times", () => {
  const given = input(10, { drawnTo: 480, drawStatus: "out_of_sync" });
  expect(boundariesOf(given)).toMatchObject([
    { id: "drawings-end", slot: 8, text: "Drawings to 00:08, candles to 00:10" },
  ]);
  expect(ids({ ...given, drawStatus: "retry" })).toEqual([]);
});
