import type { Candle, PatchItem } from "../src/api/types";
import { applyDelta, type DrawingState, EMPTY_DRAWINGS } from "../src/feed/drawings";
import recorded from "./golden/frame.json";

interface Recorded {
  readonly series_id: string;
  readonly t: number;
  readonly candles: readonly (readonly number[])[];
  readonly active_ids: readonly string[];
  readonly instructions: readonly Omit<PatchItem, "version_id" | "visible_time">[];
  readonly versions: Readonly<Record<string, number>>;
}

const frame = recorded as unknown as Recorded;

/** One frame of the recorded vectors, with the candles of its window. */
export const goldenFrame: { readonly seriesId: string; readonly time: number; readonly candles: readonly Candle[] } = {
  seriesId: frame.series_id,
  time: frame.t,
  candles: frame.candles.map(([candle_time = 0, open = 0, high = 0, low = 0, close = 0, volume = 0]) => ({
    ...{ candle_time, open, high, low, close, volume },
  })),
};

export function goldenItems(): readonly PatchItem[] {
  return frame.instructions.map((instruction) => {
    const version_id = frame.versions[instruction.instruction_id] ?? frame.t;
    return { ...instruction, version_id, visible_time: version_id };
  });
}

export function goldenDrawing(): DrawingState {
  const delta = {
    schema_version: 1,
    series_id: frame.series_id,
    to_candle_id: `${frame.series_id}:${frame.t}`,
    to_candle_time: frame.t,
    active_ids: frame.active_ids,
    instruction_catalog_patch: goldenItems(),
    series_points: {},
    next_cursor: { version_id: frame.t, point_time: null },
  };
  return applyDelta(EMPTY_DRAWINGS, delta, true).state;
}
