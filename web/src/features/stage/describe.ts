import type { ChartFormats, ChartSummary, PricePoint, StructureRow } from "../../chart/types";
import type { Translate } from "../../i18n/catalogue";
import { grouped, seriesWords, spokenTimeframe } from "./text";

/** The chart in sentences, for screen readers and the "Describe chart" dialog. */
export function describeChart(summary: ChartSummary, formats: ChartFormats, health: string, t: Translate): string[] {
  const { series, bars, firstClose, lastClose, high, low } = summary;
  if (series === null || !firstClose || !lastClose || !high || !low) return [t("summary.none")];
  const words = seriesWords(series, t);
  const price = (point: PricePoint) => formats.price(point.price);
  const time = (point: PricePoint) => formats.dateTime(point.time);
  const change = formats.percent(((lastClose.price - firstClose.price) / firstClose.price) * 100);
  return [
    t("summary.series", { ...words, timeframe: spokenTimeframe(words.timeframe, t) }),
    t("summary.range", { count: grouped(bars.length), from: time(firstClose), to: time(lastClose) }),
    t("summary.closes", { first: price(firstClose), last: price(lastClose), change }),
    t("summary.extremes", { high: price(high), highTime: time(high), low: price(low), lowTime: time(low) }),
    ...summary.pens.map((pen) =>
      t(`summary.pen.${pen.state}`, {
        from: price(pen.from),
        fromTime: time(pen.from),
        to: price(pen.to),
        toTime: time(pen.to),
      }),
    ),
    ...(summary.pens.length === 0 ? [t("summary.noPens")] : []),
    ...structureSentences(summary.structure, formats, t),
    ...(summary.gaps.bars > 0 ? [t("summary.gaps", { bars: summary.gaps.bars })] : []),
    t("summary.state", { state: health }),
  ];
}

function structureSentences(
  { zone, anchor, above, below }: StructureRow,
  formats: ChartFormats,
  t: Translate,
): string[] {
  const { price, dateTime } = formats;
  const sentences: string[] = [];
  if (zone) {
    const { low, high, since } = zone;
    sentences.push(t("summary.zone", { low: price(low), high: price(high), since: dateTime(since) }));
  }
  if (anchor) {
    const { from, to } = anchor;
    const prices = { from: price(from.price), to: price(to.price) };
    sentences.push(t("summary.anchor", { ...prices, fromTime: dateTime(from.time), toTime: dateTime(to.time) }));
  }
  if (above !== null) sentences.push(t("summary.above", { price: price(above) }));
  if (below !== null) sentences.push(t("summary.below", { price: price(below) }));
  return sentences;
}
