import { useRef } from "react";
import type { ChartState, Selected } from "../../chart/types";

/** What the panel is about. */
export interface Inspected {
  series: string | null;
  epoch: number | null;
  /** The chosen thing; null: the panel follows the crosshair. */
  selected: Selected | null;
  /** Open time of the bar, seconds; null: there is none. */
  time: number | null;
  /** Newest closed bar at or before it: the one that has a state. */
  closedTime: number | null;
}

/**
 * A chosen bar or object, else the bar under the crosshair, else the one it stood on last, else the newest. The chart
 * publishes at most four times a second, so following the crosshair asks no more often than that.
 */
export function useInspected(picture: ChartState | null): Inspected {
  const series = picture?.series ?? null;
  const selected = picture?.selected ?? null;
  const hovered = picture?.hover?.time ?? null;
  const newest = picture?.candles.lastTime ?? null;
  const last = useRef<{ series: string | null; time: number | null }>({ series: null, time: null });
  if (last.current.series !== series) last.current = { series, time: null };
  if (hovered !== null) last.current.time = hovered;
  const time = selected ? barOf(selected, newest) : (hovered ?? last.current.time ?? newest);
  const closedTime = time === null || newest === null ? null : Math.min(time, newest);
  return { series, epoch: picture?.drawings.epoch ?? null, selected, time, closedTime };
}

/** An object is looked at where it became known; what is not settled, at the newest bar. */
function barOf(selected: Selected, newest: number | null): number | null {
  if (selected.kind === "bar") return selected.time;
  const { explanation } = selected;
  const open = (explanation.kind === "zone" && explanation.alive) || explanation.kind === "anchor";
  return (open ? null : explanation.knownSince) ?? newest;
}
