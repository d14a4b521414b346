import { describe, expect, test } from "vitest";
import { goldenDrawing, goldenFrame } from "../../tests/golden";
import { plainScale } from "../../tests/scale";
import { SlotTable } from "./slots";
import { Structures } from "./structures";

const { candles } = goldenFrame;
const drawing = goldenDrawing();
const ctx = new Proxy({} as Record<string, unknown>, { get: () => () => {}, set: () => true }) as never;
const style = { tokens: {} as never, palette: "standard", strong: false } as const;

function laidOut(visibility: Record<string, boolean> = {}) {
  const structures = new Structures();
  structures.setSlots(
    SlotTable.of(
      60,
      candles.map((candle) => candle.candle_time),
    ),
  );
  structures.setVisibility(visibility);
  const features = new Set([...drawing.catalog.values()].map(({ definition }) => definition.feature));
  structures.setDrawings(drawing, features);
  const scale = plainScale({ spacing: 8, last: candles.length - 1, bar: (slot) => candles[slot] ?? null });
  structures.paint(ctx, scale, style, []);
  return structures;
}

describe("a recorded frame", () => {
  const all = laidOut({ "pivot.minor": true, "sr.broken": true });
  const counts = all.counts();

  test("is drawn by shapes of its own, without one of last resort", () => {
    expect(Object.keys(counts).sort()).toEqual([
      "anchor.current",
      "anchor.history",
      "anchor.switch",
      "pen.candidate",
      "pen.confirmed",
      "pen.extending",
      "pivot.major",
      "pivot.minor",
      "sr.active",
      "sr.broken",
      "zhongshu.alive",
      "zhongshu.dead",
    ]);
  });

  test("counts instructions, and zones as boxes", () => {
    expect(counts["zhongshu.alive"]).toEqual({ active: 1, shown: 1, inView: 1 });
    expect(counts["zhongshu.dead"]).toEqual({ active: 1, shown: 1, inView: 1 });
    expect(counts["anchor.history"]).toEqual({ active: 2, shown: 2, inView: 2 });
    expect(counts["anchor.switch"]).toEqual({ active: 3, shown: 3, inView: 3 });
    expect(counts["sr.active"]).toEqual({ active: 7, shown: 7, inView: 7 });
    expect(counts["sr.broken"]).toEqual({ active: 3, shown: 3, inView: 3 });
    expect(counts["pivot.major"]).toEqual({ active: 13, shown: 13, inView: 13 });
  });

  test("every drawn thing can be pointed at, each under a name of its own", () => {
    const names = all.objects().map(({ ref }) => `${ref.id}#${ref.part}`);
    expect(new Set(names).size).toBe(names.length);
    const shown = Object.values(counts).reduce((sum, count) => sum + count.inView, 0);
    expect(names).toHaveLength(shown);
  });

  test("broken levels and minor pivots are hidden until they are asked for", () => {
    const plain = laidOut().counts();
    expect(plain["sr.broken"]).toEqual({ active: 3, shown: 0, inView: 0 });
    expect(plain["pivot.minor"]?.shown).toBe(0);
    expect(plain["pivot.minor"]?.active).toBeGreaterThan(0);
  });
});
