/** The drawing of a series at a moment, with what was known of its objects: the same whenever it is asked, within an epoch. */
import type { SeriesId, WorldState } from "../api/types";
import { applyDelta, type DrawingState, EMPTY_DRAWINGS } from "./drawings";
import { type Ledger, readLedger } from "./ledger";

export interface PastDrawings {
  readonly seriesId: SeriesId;
  /** Newest candle that it knows, seconds. */
  readonly time: number;
  readonly drawings: DrawingState;
  readonly ledger: Ledger;
}

/** Null: the frame shows no candle. */
export function pastDrawings({ series_id, factor_slices, draw_state }: WorldState): PastDrawings | null {
  const time = draw_state.to_candle_time;
  if (time === null) return null;
  const drawings = applyDelta(EMPTY_DRAWINGS, draw_state, true).state;
  return { seriesId: series_id, time, drawings, ledger: readLedger(factor_slices) };
}
