import { describe, expect, test } from "vitest";
import { anchorItem, penItem, pivotItem, srItem, switchItem, zoneItems } from "../../tests/fake-api";
import { slices } from "../../tests/slices";
import type { PatchItem } from "../api/types";
import { applyDelta, EMPTY_DRAWINGS } from "../feed/drawings";
import { readLedger } from "../feed/ledger";
import { explain } from "./explain";

const ledger = readLedger(slices());

function drawn(items: readonly PatchItem[]) {
  const delta = {
    schema_version: 1,
    series_id: "s",
    to_candle_id: "s:6000",
    to_candle_time: 6_000,
    active_ids: items.map((item) => item.instruction_id),
    instruction_catalog_patch: items,
    series_points: {},
    next_cursor: { version_id: 6_000, point_time: null },
  };
  return applyDelta(EMPTY_DRAWINGS, delta, true).state;
}

function explained(items: readonly PatchItem[], part: number | null = null, facts = true) {
  const item = items[0] as PatchItem;
  const ref = { id: item.instruction_id, feature: item.definition.feature, part };
  return explain(ref, drawn(items), facts ? ledger : null);
}

describe("an object tells", () => {
  test("of a pivot: when it turned, at which price, and since when that is known", () => {
    expect(explained([pivotItem(1_200, 1_500)])).toEqual({
      kind: "pivot",
      major: true,
      side: "resistance",
      time: 1_200,
      price: 120,
      knownSince: 1_500,
    });
  });

  test("of one pen of the line: when it was confirmed, which only the ledger knows", () => {
    const line = [
      penItem(
        [
          [600, 100],
          [1_200, 120],
          [1_800, 90],
        ],
        1,
      ),
    ];
    expect(explained(line, 600)).toMatchObject({ from: { time: 600 }, to: { price: 120 }, knownSince: 1_500 });
    expect(explained(line, 600, false)).toMatchObject({ state: "confirmed", knownSince: null });
    expect(explained(line, 1_800)).toMatchObject({ kind: "other" });
  });

  test("of an unfinished pen: not when it was confirmed but since when it is what it is", () => {
    const head = penItem(
      [
        [1_200, 120],
        [5_400, 95],
      ],
      5_700,
      "pen.extending",
    );
    expect(explained([head])).toMatchObject({ state: "extending", knownSince: 5_700 });
  });

  test("of an alive zone: when and why it formed; of an ended one, when it ended", () => {
    expect(explained(zoneItems("alive", [600, 6_000], [101, 109]))).toMatchObject({
      alive: true,
      low: 101,
      high: 109,
      knownSince: 2_400,
      formedReason: "pen_confirmed",
      deathTime: null,
    });
    expect(explained(zoneItems("dead", [300, 840], [95, 99], -1))).toMatchObject({
      alive: false,
      entry: -1,
      formedTime: 480,
      deathTime: 900,
    });
  });

  test("of an anchor: the switch that made it, and the one that ended it", () => {
    const line = [
      [600, 100],
      [1_200, 120],
    ] as const;
    expect(explained([anchorItem(line)])).toMatchObject({ current: true, knownSince: 1_500, reason: "strong_pen" });
    expect(explained([anchorItem(line, { switchTime: 1_500, dashed: true })])).toMatchObject({
      current: false,
      settled: false,
      knownSince: 1_500,
      until: null,
    });
  });

  test("of a switch: from which pen to which, and why", () => {
    expect(explained([switchItem(1_500)])).toMatchObject({
      reason: "strong_pen",
      before: null,
      after: { startTime: 600 },
      direction: 1,
    });
  });

  test("of a level: its touches, the snapshot that had it first, and when it broke", () => {
    expect(explained([srItem("active", "resistance", 120, 600, 6_000)])).toMatchObject({
      count: 4,
      touches: [600, 900],
      knownSince: 1_500,
      deathTime: null,
    });
    expect(explained([srItem("broken", "support", 90, 1_800, 2_700)])).toMatchObject({
      broken: true,
      knownSince: 3_000,
      deathTime: 2_700,
    });
  });

  test("of a feature the client does not know: what it spans and since when", () => {
    expect(explained([pivotItem(600, 900, "new.mark")])).toEqual({
      kind: "other",
      feature: "new.mark",
      from: 600,
      to: 600,
      knownSince: 900,
    });
  });

  test("nothing when it is no longer drawn", () => {
    const item = pivotItem(600, 900);
    expect(explain({ id: item.instruction_id, feature: "pivot.major", part: null }, EMPTY_DRAWINGS, ledger)).toBeNull();
  });
});
