/** What the view shall show when the first page of a series is there. */
import type { MakeSession } from "../feed/chart-session";
import type { Bars } from "./bars";
import type { Navigation } from "./navigation";

export interface Opening {
  readonly at: number | null;
  /** Bars in view; absent: the default spacing. */
  readonly bars?: number;
  /** Pixels per bar; absent: from `bars`, or the default. */
  readonly spacing?: number;
  /** Empty bars right of the newest one; absent: as the width asks for. */
  readonly margin?: number;
  /** Whether `at` belongs at the right edge or at two thirds. */
  readonly place: "edge" | "centre";
  /** Brings the series; absent: the live feed. */
  readonly make?: MakeSession;
}

export function placeView(opening: Opening, navigation: Navigation, bars: Bars): void {
  const { at, spacing } = opening;
  if (at === null) {
    if (spacing === undefined) navigation.showBars(opening.bars, null);
    else navigation.toEnd(spacing);
    return;
  }
  const slot = Math.max(0, Math.min(bars.slots().lowerBound(at + 1) - 1, bars.slots().length - 1));
  navigation.showBars(opening.bars, slot);
  if (opening.place === "centre") navigation.showSlot(slot);
}

/** The view that ends at a time and is so many bars wide; without a width the time stands at two thirds. */
export function openingAt(at: number, bars: number | undefined): Opening {
  return bars === undefined ? { at, place: "centre" } : { at, bars, place: "edge" };
}

/** Slot of the bar that opens at or before a time; null when it is not loaded. */
export function loadedSlot(bars: Bars, time: number): number | null {
  const slots = bars.slots();
  const last = slots.timeAt(slots.length - 1) ?? Number.POSITIVE_INFINITY;
  const loaded = time >= (slots.timeAt(0) ?? time + 1) && (time <= last || bars.window().atHead);
  return loaded ? Math.max(0, slots.lowerBound(time + 1) - 1) : null;
}
