import type { DrawingSyncStatus } from "../feed/drawing-sync";
import { DRAW_WINDOW_CANDLES } from "../feed/drawing-sync";
import { type CandleWindow, firstTime, lastTime } from "../feed/window";
import type { TimeFormat } from "./format/time";
import type { Boundary } from "./shapes/boundary-line";
import type { SlotTable } from "./slots";
import type { ChartText } from "./wording";

export interface BoundaryInput {
  readonly window: CandleWindow;
  readonly slots: SlotTable;
  /** Time of the drawing; null without one. */
  readonly drawnTo: number | null;
  readonly drawStatus: DrawingSyncStatus;
  readonly text: ChartText;
  readonly time: TimeFormat;
}

/** The lines that say where something ends: history, the drawing window, a drawing that is behind. */
export function boundariesOf(input: BoundaryInput): readonly Boundary[] {
  const { window, slots, drawnTo, drawStatus, text, time } = input;
  const first = firstTime(window);
  const last = lastTime(window);
  const found: Boundary[] = [];
  if (first === null || last === null) return found;
  if (window.atStart) {
    found.push({ id: "history-start", slot: 0, text: text.historyStart(time.date(first)), labelSide: "right" });
  }
  if (drawnTo === null) return found;
  const drawnFrom = drawnTo - DRAW_WINDOW_CANDLES * window.timeframe;
  if (drawnFrom > first) {
    const slot = slots.lowerBound(drawnFrom);
    found.push({ id: "drawings-start", slot, text: text.drawingsStart, labelSide: "right" });
  }
  if (drawStatus === "out_of_sync" && drawnTo < last) {
    const slot = slots.lowerBound(drawnTo + 1);
    const label = text.drawingsBehind(time.clock(drawnTo), time.clock(last));
    found.push({ id: "drawings-end", slot, text: label, labelSide: "left" });
  }
  return found;
}
