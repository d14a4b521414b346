import { parseSeriesId } from "../../api/series";
import type { ChartText, SpokenBar } from "../../chart/wording";
import type { Translate } from "../../i18n/catalogue";
import { venueName } from "../../i18n/venue";
import { gapLines } from "./gaps";
import { levelText, measureLines, objectLines } from "./objects";

/** Every word the chart shows or speaks, in one language. */
export function chartText(t: Translate): ChartText {
  return {
    open: t("chart.fact.open"),
    high: t("chart.fact.high"),
    low: t("chart.fact.low"),
    close: t("chart.fact.close"),
    volume: t("chart.fact.volume"),
    forming: t("chart.fact.forming"),
    loadingHistory: t("chart.loadingHistory"),
    historyStart: (date) => t("chart.historyStart", { date }),
    drawingsStart: t("chart.drawingsStart"),
    drawingsStartHint: t("chart.drawingsStartHint"),
    drawingsBehind: (drawings, candles) => t("chart.drawingsBehind", { drawings, candles }),
    gapMissing: (count, duration) => t("chart.gapMissing", { count: grouped(count), duration }),
    gapAbsent: (count, duration) => t("gap.absent", { count: grouped(count), duration }),
    gap: (gap, formats) => gapLines(gap, formats, t),
    venue: (exchange, market) => venueName(exchange, market, t),
    chartName: (symbol, timeframe) => t("chart.name", { symbol, timeframe: spokenTimeframe(timeframe, t) }),
    spokenBar: (bar) => spokenBar(bar, t),
    level: levelText(t),
    object: (explanation, formats) => objectLines(explanation, formats, t),
    measured: (measured, formats) => measureLines(measured, formats, t),
  };
}

/** `5m` as "5 minutes". */
export function spokenTimeframe(timeframe: string, t: Translate): string {
  const n = Number.parseInt(timeframe, 10);
  const unit = timeframe.at(-1);
  return t(unit === "d" ? "timeframe.days" : unit === "h" ? "timeframe.hours" : "timeframe.minutes", { n });
}

export function grouped(count: number): string {
  return new Intl.NumberFormat("en").format(count);
}

/** Symbol, timeframe and market of a series, ready to print; the id itself when it is malformed. */
export function seriesWords(id: string, t: Translate): { symbol: string; timeframe: string; venue: string } {
  const parts = parseSeriesId(id);
  if (!parts) return { symbol: id, timeframe: "", venue: "" };
  return { symbol: parts.symbol, timeframe: parts.timeframe, venue: venueName(parts.exchange, parts.market, t) };
}

function spokenBar(bar: SpokenBar, t: Translate): string {
  const extra = [
    bar.forming ? t("chart.spoken.forming") : "",
    bar.features.includes("pivot.major") ? t("chart.spoken.major") : "",
    bar.features.includes("pivot.minor") ? t("chart.spoken.minor") : "",
  ].join("");
  const change = bar.changePercent.replace(/^[+−-]/, "");
  return t(`chart.spoken.${bar.direction}`, { time: bar.time, open: bar.open, close: bar.close, change, extra });
}
