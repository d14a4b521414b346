import { describe, expect, test } from "vitest";
import { slices } from "../../tests/slices";
import { joinLedgers, levelKey, readLedger } from "./ledger";

describe("slices", () => {
  test("are read with every fact that the chart words", () => {
    const ledger = readLedger(slices());
    expect(ledger).toMatchObject({ atTime: 6_000, epoch: 0, anchor: { kind: "confirmed", startTime: 600 } });
    expect(ledger.pivots.map(({ kind, side }) => `${kind} ${side}`)).toEqual(["major resistance", "minor support"]);
    expect(ledger.pens[0]).toEqual({
      startTime: 600,
      endTime: 1_200,
      startPrice: 100,
      endPrice: 120,
      direction: 1,
      knownSince: 1_500,
    });
    expect(ledger.extending).toMatchObject({ startTime: 1_200, knownSince: null });
    expect(ledger.aliveZone).toMatchObject({ low: 101, high: 109, entry: 1, deathTime: null });
    expect(ledger.deadZones[0]).toMatchObject({ deathTime: 900, formedReason: "price_cross" });
    expect(ledger.switches[0]).toMatchObject({ time: 1_500, reason: "strong_pen", before: null });
    expect(ledger.levels[0]).toMatchObject({ side: "resistance", count: 4, startTime: 600, flip: null });
  });

  test("a level is known since the first snapshot that has it", () => {
    const { levelsSince } = readLedger(slices());
    expect(levelsSince.get(levelKey("resistance", 120, 600))).toBe(1_500);
    expect(levelsSince.get(levelKey("support", 90, 1_800))).toBe(3_000);
  });

  test("what does not have the documented form is left out", () => {
    const odd = slices({
      pivot: { history: { major: [{ pivot_time: "x" }, null], minor: 7 } },
      pen: { head: { extending: { start_time: 1 } } },
      zhongshu: { head: { alive: [{ zg: 1 }] } },
      anchor: { head: { current_anchor_ref: { kind: "other" } } },
      sr: { head: { levels: [{ price: 1 }] } },
    });
    expect(readLedger(odd)).toMatchObject({ pivots: [], extending: null, aliveZone: null, anchor: null, levels: [] });
  });

  test("without any slice there is no epoch", () => {
    expect(readLedger({ ...slices(), factors: [], snapshots: {} }).epoch).toBeNull();
  });
});

describe("joining", () => {
  const full = readLedger(slices());
  const heads = { ...readLedger(slices({ part: "head" })), atTime: 6_060 };

  test("newer heads keep what had happened before", () => {
    const joined = joinLedgers(full, { ...heads, aliveZone: null });
    expect(joined).toMatchObject({ atTime: 6_060, aliveZone: null });
    expect(joined.pens).toEqual(full.pens);
    expect(joined.levelsSince).toBe(full.levelsSince);
  });

  test("another epoch, or an older candle, starts anew", () => {
    expect(joinLedgers(full, { ...heads, epoch: 1 }).pens).toEqual([]);
    expect(joinLedgers(full, { ...heads, atTime: 60 }).pens).toEqual([]);
  });
});
