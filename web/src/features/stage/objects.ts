/** Objects and measures of the chart in words. */
import type { Explanation } from "../../chart/explain";
import type { Measured } from "../../chart/measure";
import type { ChartFormats } from "../../chart/types";
import type { ChartText } from "../../chart/wording";
import type { Translate } from "../../i18n/catalogue";

/** At most four lines: name and state, what it spans, since when it is known, when it settled or ended. */
export function objectLines(explanation: Explanation, formats: ChartFormats, t: Translate): readonly string[] {
  return [
    nameOf(explanation, t),
    extentOf(explanation, formats, t),
    knownOf(explanation, formats, t),
    endOf(explanation, formats, t),
  ].filter((line) => line !== "");
}

export const levelText =
  (t: Translate): ChartText["level"] =>
  (side, price, count) =>
    count === null ? t(`level.${side}`, { price }) : t(`level.${side}.count`, { price, n: count });

export function measureLines(measured: Measured, formats: ChartFormats, t: Translate): readonly string[] {
  const { change, percent, bars, seconds, volume } = measured;
  return [
    t("measure.price", { change: formats.change(change), percent: formats.percent(percent) }),
    t("measure.bars", { n: Math.abs(bars), duration: formats.duration(seconds) }),
    t("measure.volume", { volume: formats.volume(volume) }),
  ];
}

function nameOf(explanation: Explanation, t: Translate): string {
  switch (explanation.kind) {
    case "pivot":
      return t(`object.pivot.${explanation.major ? "major" : "minor"}.${explanation.side}`);
    case "pen": {
      const { state, from, to } = explanation;
      return t(`object.pen.${state}.${to.price >= from.price ? "up" : "down"}`);
    }
    case "zone":
      return t(`object.zone.${explanation.alive ? "alive" : "dead"}.${explanation.entry > 0 ? "up" : "down"}`);
    case "anchor":
      if (!explanation.current) return t("object.anchor.history");
      return t(explanation.settled ? "object.anchor.current" : "object.anchor.unfinished");
    case "switch":
      return t(explanation.direction > 0 ? "object.switch.up" : "object.switch.down");
    case "level":
      return t(`object.level.${explanation.broken ? "broken" : "active"}.${explanation.side}`);
    case "other":
      return t("object.other", { feature: explanation.feature });
  }
}

function extentOf(explanation: Explanation, formats: ChartFormats, t: Translate): string {
  const { price, dateTime, range } = formats;
  switch (explanation.kind) {
    case "pivot": {
      const time = dateTime(explanation.time);
      return explanation.price === null
        ? t("object.at", { time })
        : t("object.atPrice", { time, price: price(explanation.price) });
    }
    case "pen":
    case "anchor": {
      const { from, to } = explanation;
      return t("object.line", { range: range(from.time, to.time), from: price(from.price), to: price(to.price) });
    }
    case "zone": {
      const { from, to, low, high } = explanation;
      return t("object.box", { range: range(from, to), low: price(low), high: price(high) });
    }
    case "switch":
      return t("object.at", { time: dateTime(explanation.time) });
    case "level": {
      const known = { price: price(explanation.price), time: dateTime(explanation.from) };
      return explanation.count === null
        ? t("object.price", known)
        : t("object.priceTouched", { ...known, n: explanation.count });
    }
    case "other":
      return t("object.range", { range: range(explanation.from, explanation.to) });
  }
}

function knownOf(explanation: Explanation, { dateTime }: ChartFormats, t: Translate): string {
  if (explanation.knownSince === null) return t("object.knownPending");
  const time = dateTime(explanation.knownSince);
  const reason =
    explanation.kind === "zone" && explanation.alive
      ? explanation.formedReason
      : explanation.kind === "anchor" || explanation.kind === "switch"
        ? explanation.reason
        : null;
  switch (reason) {
    case "pen_confirmed":
    case "price_cross":
    case "strong_pen":
    case "zhongshu_entry":
      return t(`object.known.${reason}`, { time });
    default:
      return t("object.known", { time });
  }
}

function endOf(explanation: Explanation, { dateTime }: ChartFormats, t: Translate): string {
  switch (explanation.kind) {
    case "pivot":
    case "switch":
      return t("object.settled");
    case "pen":
      return t(explanation.state === "confirmed" ? "object.settledConfirmed" : "object.open");
    case "zone":
      return explanation.deathTime === null
        ? t("object.open")
        : t("object.ended", { time: dateTime(explanation.deathTime) });
    case "anchor":
      if (explanation.current) return t("object.openSwitch");
      return explanation.until === null
        ? t("object.untilPending")
        : t("object.until", { time: dateTime(explanation.until) });
    case "level":
      if (explanation.broken && explanation.deathTime !== null) {
        return t("object.broken", { time: dateTime(explanation.deathTime) });
      }
      return explanation.flip === null ? t("object.open") : t(`object.openFlip.${explanation.flip}`);
    case "other":
      return "";
  }
}
