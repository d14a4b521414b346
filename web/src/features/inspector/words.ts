/** Changes and states in sentences. */

import type { ChartFormats } from "../../chart/types";
import type { PenRef } from "../../feed/ledger";
import type { Translate } from "../../i18n/catalogue";
import type { Change, SwitchWhy } from "./changes";

export interface Sentence {
  readonly text: string;
  /** A second line: what lies behind it. */
  readonly detail?: string;
}

export function changeSentence(change: Change, formats: ChartFormats, t: Translate): Sentence {
  const { price, dateTime, range } = formats;
  switch (change.kind) {
    case "pivot": {
      const { kind, side, price: at, time } = change.pivot;
      return { text: t(`inspector.change.pivot.${kind}.${side}`, { price: price(at), time: dateTime(time) }) };
    }
    case "pen": {
      const { startTime, endTime, startPrice, endPrice, direction } = change.pen;
      const values = { range: range(startTime, endTime), from: price(startPrice), to: price(endPrice) };
      return { text: t(direction > 0 ? "inspector.change.pen.up" : "inspector.change.pen.down", values) };
    }
    case "zoneEnded": {
      const { low, high } = change.zone;
      return { text: t("inspector.change.zoneEnded", { low: price(low), high: price(high) }) };
    }
    case "zoneFormed": {
      const { low, high, formedReason } = change.zone;
      const values = { low: price(low), high: price(high) };
      const known = formedReason === "pen_confirmed" || formedReason === "price_cross";
      return {
        text: known
          ? t(`inspector.change.zoneFormed.${formedReason}`, values)
          : t("inspector.change.zoneFormed", values),
      };
    }
    case "switch":
      return switchSentence(change, formats, t);
    case "level": {
      const { side, price: at } = change.level;
      return { text: t(`inspector.change.level.${change.became}.${side}`, { price: price(at) }) };
    }
  }
}

function switchSentence(
  { change, why }: Extract<Change, { kind: "switch" }>,
  formats: ChartFormats,
  t: Translate,
): Sentence {
  const { reason, before, after } = change;
  const penOf = (ref: PenRef) => formats.range(ref.startTime, ref.endTime);
  const known = reason === "strong_pen" || reason === "zhongshu_entry";
  const detail = why && whyDetail(why, formats, t);
  const more = detail === null ? {} : { detail };
  if (before === null) {
    const values = { after: penOf(after) };
    const text = known
      ? t(`inspector.change.first.${reason}`, values)
      : t("inspector.change.first", { ...values, reason });
    return { text, ...more };
  }
  const values = { before: penOf(before), after: penOf(after) };
  const text = known
    ? t(`inspector.change.switch.${reason}`, values)
    : t("inspector.change.switch", { ...values, reason });
  return { text, ...more };
}

function whyDetail(why: SwitchWhy, { price }: ChartFormats, t: Translate): string {
  return why.kind === "stronger"
    ? t("inspector.change.stronger", { after: price(why.after), before: price(why.before) })
    : t("inspector.change.entry", { low: price(why.zone.low), high: price(why.zone.high) });
}

/** Since when the anchor is the one it is, and why. */
export function anchorWhy(time: number, reason: string, { dateTime }: ChartFormats, t: Translate): string {
  const values = { time: dateTime(time) };
  return reason === "strong_pen" || reason === "zhongshu_entry"
    ? t(`inspector.anchor.why.${reason}`, values)
    : t("inspector.anchor.why", { ...values, reason });
}
