import type { TimeFormat } from "./format/time";
import type { Structures } from "./structures";
import type { ChartFormats, LegendValues } from "./types";
import type { SpokenBar } from "./wording";

/** What the crosshair says about one bar. */
export function spokenBar(
  values: LegendValues,
  formats: ChartFormats,
  time: TimeFormat,
  structures: Structures,
): SpokenBar {
  const move = values.changePercent ?? 0;
  return {
    time: time.clock(values.time) === "00:00" ? time.dateTime(values.time) : time.clock(values.time),
    open: formats.price(values.open),
    close: formats.price(values.close),
    changePercent: formats.percent(move),
    direction: move > 0 ? "up" : move < 0 ? "down" : "flat",
    forming: values.forming,
    features: structures.markersAt(values.time),
  };
}
