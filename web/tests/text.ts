import type { ChartText } from "../src/chart/wording";

/** English words of the chart, for tests that need no catalogue. */
export const testText: ChartText = {
  open: "O",
  high: "H",
  low: "L",
  close: "C",
  volume: "Vol",
  forming: "forming",
  loadingHistory: "Loading history",
  historyStart: (date) => `History starts here, ${date}`,
  drawingsStart: "Drawings start here",
  drawingsStartHint: "Structures are kept for the newest 2,000 bars.",
  drawingsBehind: (drawings, candles) => `Drawings to ${drawings}, candles to ${candles}`,
  gapMissing: (count, duration) => `${count.toLocaleString("en")} missing, ${duration}`,
  gapAbsent: (count) => `${count.toLocaleString("en")} missing, no data`,
  gap: ({ missing, entry }) => [`${missing} missing`, entry?.state ?? "unknown"],
  venue: (exchange, market) => `${exchange} ${market}`,
  chartName: (symbol, timeframe) => `${symbol} ${timeframe}, candlestick chart`,
  level: (side, price, count) => `${side} ${price}${count === null ? "" : ` ×${count}`}`,
  object: (explanation) => [explanation.kind, `known ${explanation.knownSince}`],
  measured: ({ change, bars }) => [`${change}`, `${bars} bars`],
  spokenBar: (bar) => `${bar.time}, open ${bar.open}, close ${bar.close}, ${bar.changePercent}`,
};
