import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { penItem, pivotItem } from "../../tests/fake-api";
import type { DrawDelta, PatchItem } from "../api/types";
import { applyDelta, type DrawingState, EMPTY_DRAWINGS, itemsByFeature, needsReset } from "./drawings";

function delta(to: number, patch: readonly PatchItem[], active: readonly string[]): DrawDelta {
  return {
    schema_version: 1,
    series_id: "s",
    to_candle_id: `s:${to}`,
    to_candle_time: to,
    active_ids: active,
    instruction_catalog_patch: patch,
    series_points: {},
    next_cursor: { version_id: to, point_time: null },
  };
}

const shown = (state: DrawingState) => state.active.map((id) => state.catalog.get(id));

describe("deltas", () => {
  const pivot = pivotItem(60, 120);
  const first = applyDelta(EMPTY_DRAWINGS, delta(120, [pivot], [pivot.instruction_id]), true).state;

  test("upsert items, replace the active ids, and move the cursor", () => {
    const pen = penItem(
      [
        [60, 1],
        [180, 2],
      ],
      180,
    );
    const step = applyDelta(first, delta(180, [pen], [pen.instruction_id]), false);
    expect(step.state.active).toEqual([pen.instruction_id]);
    expect(step.state.cursor).toBe(180);
    expect(step.state.catalog.size).toBe(2);
    expect([...step.features].sort()).toEqual(["pen.confirmed", "pivot.major"]);
  });

  test("name only the features that changed", () => {
    const pen = penItem(
      [
        [60, 1],
        [180, 2],
      ],
      180,
    );
    const step = applyDelta(first, delta(180, [pen], [pen.instruction_id, pivot.instruction_id]), false);
    expect([...step.features]).toEqual(["pen.confirmed"]);
  });

  test("from cursor 0 forget what was held", () => {
    const step = applyDelta(first, delta(240, [], []), true);
    expect(step.state.catalog.size).toBe(0);
    expect([...step.features]).toEqual(["pivot.major"]);
  });

  test("never show an id without its item", () => {
    const step = applyDelta(first, delta(240, [], [pivot.instruction_id, "unheard-of"]), false);
    expect(step.state.active).toEqual([pivot.instruction_id]);
  });

  test("with a smaller cursor ask for everything again", () => {
    expect(needsReset(first, delta(60, [], []))).toBe(true);
    expect(needsReset(first, delta(120, [], []))).toBe(false);
  });

  test("items are grouped by feature", () => {
    expect([...itemsByFeature(first).keys()]).toEqual(["pivot.major"]);
  });
});

/** A history of drawings: at each time a set of items, each with the version at which it became what it is. */
const history = fc
  .array(fc.dictionary(fc.constantFrom("a", "b", "c", "d"), fc.integer({ min: 1, max: 3 })), {
    minLength: 1,
    maxLength: 8,
  })
  .map((steps) =>
    steps.map((values, at) => {
      const items = new Map<string, PatchItem>();
      for (const [id, value] of Object.entries(values)) {
        items.set(id, { ...pivotItem(value * 60, (at + 1) * 60, `f.${id}`), instruction_id: id });
      }
      return items;
    }),
  );

function patch(from: Map<string, PatchItem> | undefined, to: Map<string, PatchItem>): PatchItem[] {
  const same = (a: PatchItem | undefined, b: PatchItem) =>
    a !== undefined && JSON.stringify(a.definition) === JSON.stringify(b.definition);
  return [...to.values()].filter((item) => !same(from?.get(item.instruction_id), item));
}

describe("chains of deltas", () => {
  test("end at the last drawing, whatever steps were taken", () => {
    fc.assert(
      fc.property(history, fc.array(fc.boolean(), { minLength: 8, maxLength: 8 }), (drawings, taken) => {
        let held: DrawingState = EMPTY_DRAWINGS;
        let heldAt = -1;
        drawings.forEach((items, at) => {
          if (at < drawings.length - 1 && !taken[at]) return;
          const message = delta((at + 1) * 60, patch(drawings[heldAt], items), [...items.keys()].sort());
          held = applyDelta(held, message, heldAt < 0).state;
          heldAt = at;
        });
        const last = drawings.at(-1) ?? new Map();
        const definitions = shown(held).map((item) => item?.definition);
        expect(definitions).toEqual([...last.keys()].sort().map((id) => last.get(id)?.definition));
      }),
    );
  });

  test("applied twice change nothing", () => {
    fc.assert(
      fc.property(history, (drawings) => {
        const items = drawings.at(-1) ?? new Map();
        const message = delta(60, [...items.values()], [...items.keys()].sort());
        const once = applyDelta(EMPTY_DRAWINGS, message, true);
        const twice = applyDelta(once.state, message, false);
        expect(shown(twice.state)).toEqual(shown(once.state));
        expect(twice.features.size).toBe(0);
      }),
    );
  });
});
