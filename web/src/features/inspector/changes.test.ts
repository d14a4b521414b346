import { describe, expect, test } from "vitest";
import { slices } from "../../../tests/slices";
import { type LevelFact, readLedger } from "../../feed/ledger";
import { changesAt, lastChanges, switchTo } from "./changes";

const ledger = readLedger(slices());
const [resistance, support] = ledger.levels as [LevelFact, LevelFact];

describe("what changed at a bar", () => {
  test("is everything that became known there, in the order of the engine", () => {
    expect(changesAt(ledger, 1_500, null).map(({ kind }) => kind)).toEqual(["pivot", "pen", "switch"]);
    expect(changesAt(ledger, 900, null).map(({ kind }) => kind)).toEqual(["zoneEnded"]);
    expect(changesAt(ledger, 2_400, null).map(({ kind }) => kind)).toEqual(["zoneFormed"]);
    expect(changesAt(ledger, 1_560, null)).toEqual([]);
  });

  test("tells levels that are new, broken or flipped against the bar before", () => {
    const became = (before: readonly LevelFact[]) =>
      changesAt(ledger, 6_000, before).map((change) => change.kind === "level" && change.became);
    expect(became([resistance, { ...support, status: "active" }])).toEqual(["broken"]);
    expect(became([support])).toEqual(["new"]);
    expect(became([resistance, support])).toEqual([]);
    const flipped = { ...ledger, levels: [{ ...resistance, status: "flip" as const }] };
    expect(changesAt(flipped, 6_000, [resistance])).toMatchObject([{ became: "flip" }]);
  });
});

test("the last changes go back in time and leave minor pivots out", () => {
  expect(lastChanges(ledger, 2_400, 3).map(({ kind, at }) => [kind, at])).toEqual([
    ["pivot", 1_500],
    ["pen", 1_500],
    ["switch", 1_500],
  ]);
});

describe("why the anchor switched", () => {
  const before = { kind: "confirmed", startTime: 60, endTime: 600, direction: -1 } as const;
  const after = { kind: "confirmed", startTime: 600, endTime: 1_200, direction: 1 } as const;
  const why = (reason: string, change: Partial<typeof ledger> = {}) => {
    const at = { ...ledger, ...change, switches: [{ time: 1_500, reason, before, after }] };
    return changesAt(at, 1_500, null).flatMap((found) => (found.kind === "switch" ? [found.why] : []))[0];
  };

  test("a strong pen is told by how far both went", () => {
    const old = { ...before, startPrice: 112, endPrice: 100, knownSince: 1_200 } as const;
    expect(why("strong_pen", { pens: [...ledger.pens, old] })).toEqual({ kind: "stronger", before: 12, after: 20 });
    expect(why("strong_pen")).toBeNull();
  });

  test("the entry of a zone is told by the zone", () => {
    expect(why("zhongshu_entry")).toMatchObject({ kind: "entry", zone: { low: 101, high: 109 } });
    expect(why("zhongshu_entry", { aliveZone: null })).toBeNull();
  });

  test("the current anchor is traced back to its switch", () => {
    expect(ledger.anchor && switchTo(ledger, ledger.anchor)?.time).toBe(1_500);
    expect(switchTo(ledger, before)).toBeNull();
  });
});
