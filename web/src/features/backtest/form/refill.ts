/** From a run back to the form that asks for it. */
import type { BacktestRun } from "../../../api/backtest-types";
import { parseSeriesId } from "../../../api/series";
import { type FormContext, type FormState, venueOf } from "./form";
import { tradingTexts } from "./trading";

type Chart = FormContext["chart"];

/** What the form holds to ask for a run again, with other parameters where they are given. */
export function refilled(
  form: FormState,
  run: BacktestRun,
  other: Readonly<Record<string, number>>,
  chart: Chart,
): Partial<FormState> {
  const values = Object.entries({ ...run.params, ...other }).map(([name, value]) => [name, { value: String(value) }]);
  const read = parseSeriesId(run.seriesId ?? "");
  const venue = read && venueOf(read);
  // The same pair elsewhere is another one.
  const there = venue?.exchange === chart?.venue?.exchange && venue?.market === chart?.venue?.market;
  const shown = chart && venue && !there ? { ...chart, pair: "" } : chart;
  return {
    ...{
      engine: run.engine,
      strategy: run.strategy,
      params: { ...form.params, [run.strategy]: Object.fromEntries(values) },
      trading: tradingTexts(run.trading),
      venue,
    },
    ...followed({ pair: run.pair, timeframe: run.timeframe }, shown),
    ...rangeOf(run.timerange),
  };
}

/** Pair and timeframe for the form. What the chart shows anyway is not held on to: the form goes on following it. */
export function followed<T extends Partial<Record<"pair" | "timeframe", string>>>(
  chosen: T,
  chart: Chart,
): { [K in keyof T]: string | null } {
  const entries = Object.entries(chosen).map(([name, value]) => [
    name,
    value === "" || value === chart?.[name as "pair" | "timeframe"] ? null : value,
  ]);
  return Object.fromEntries(entries);
}

/** The choice that means the same range: days as dates, everything else as it was written. */
function rangeOf(timerange: string | null): Partial<FormState> {
  if (timerange === null) return { range: "all" };
  const days = /^(\d{8})?-(\d{8})?$/.exec(timerange);
  if (!days) return { range: "run", written: timerange };
  return { range: "dates", from: dayText(days[1]), to: dayText(days[2]) };
}

function dayText(day: string | undefined): string {
  return day === undefined ? "" : `${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}`;
}
