/** Runs in words. */
import type { BacktestRun } from "../../api/backtest-types";
import type { Translate } from "../../i18n/catalogue";
import { rangeEnds } from "./form/range";

const STAGES = ["starting", "loading_candles", "indicators", "simulating", "writing"] as const;
const WARNINGS = ["funding_data_missing", "funding_data_incomplete", "history_partial", "equity_unreadable"] as const;

/** What an engine is doing; a word of its own stays as it is. */
export function stageText(stage: string | null, t: Translate): string {
  if (stage === null) return "";
  const known = STAGES.find((name) => name === stage);
  return known ? t(`backtest.stage.${known}`) : stage;
}

export function warningText(warning: string, t: Translate): string {
  const known = WARNINGS.find((name) => name === warning);
  return known ? t(`backtest.warning.${known}`) : warning;
}

export function rangeText({ timerange }: Pick<BacktestRun, "timerange">, t: Translate): string {
  const ends = rangeEnds(timerange);
  if (ends === null) return t("backtest.range.all");
  if (ends.from === "") return t("backtest.range.until", { to: ends.to });
  if (ends.to === "") return t("backtest.range.since", { from: ends.from });
  return t("backtest.range.between", ends);
}

/** Parameters and their values in one line. */
export function paramsText(params: BacktestRun["params"]): string {
  return Object.entries(params)
    .map(([name, value]) => `${name} = ${value}`)
    .join(", ");
}

/** Series symbol of a pair: without what it is settled in. */
export function symbolOf(pair: string): string {
  return pair.split(":")[0] ?? pair;
}
