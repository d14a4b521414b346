import type { Activity, ActivityLevel } from "../../feed/activity";
import type { Translate } from "../../i18n/catalogue";

/** How times of candles and durations are written in the language and zone of the reader. */
export interface LogFormats {
  /** `2026-11-21 14:05`, Unix seconds. */
  time: (time: number) => string;
  /** `3 h 20 m`. */
  duration: (seconds: number) => string;
}

/** One row in one sentence. */
export function activityText({ what }: Activity, t: Translate, formats: LogFormats): string {
  switch (what.kind) {
    case "connected":
    case "lost":
    case "offline":
    case "rebuild":
      return t(`log.what.${what.kind}`);
    case "restored":
      return t("log.what.restored", { duration: formats.duration(what.downMs / 1_000) });
    case "hole":
      return t("log.what.hole", { from: formats.time(what.fromTime), next: formats.time(what.nextTime) });
    case "gap_opened":
    case "gap_healed":
      return t(`log.what.${what.kind}`, {
        n: what.missing,
        from: formats.time(what.fromTime),
        to: formats.time(what.toTime),
      });
    case "system":
      return t("log.what.system", { event: what.event, message: what.message });
    case "refused":
      return t("log.what.refused", { message: what.message, code: what.code });
    case "failure":
      return failureText(what, t);
    case "notice":
      return what.text;
    case "server":
      return what.message === "" ? what.event : t("log.what.server", { event: what.event, message: what.message });
  }
}

function failureText(what: Extract<Activity["what"], { kind: "failure" }>, t: Translate): string {
  const { code, message, path, requestId } = what;
  if (path === "") return t("log.what.unanswered", { message, code });
  return requestId === ""
    ? t("log.what.failure", { message, code, path })
    : t("log.what.failureId", { message, code, path, id: requestId });
}

export type ActivitySource = "connection" | "data" | "request" | "notice" | "server";

/** Which part of the product a row is about. */
export function sourceOf({ what }: Activity): ActivitySource {
  switch (what.kind) {
    case "connected":
    case "lost":
    case "offline":
    case "restored":
      return "connection";
    case "failure":
    case "refused":
      return "request";
    case "notice":
    case "server":
      return what.kind;
    default:
      return "data";
  }
}

/** A row as it is copied: what is on the screen, one field per tab stop. */
export function activityLine(entry: Activity, text: string, clock: string, t: Translate): string {
  const fields = [clock, t(`log.level.${entry.level}`), t(`log.source.${sourceOf(entry)}`), entry.series ?? "", text];
  return [...fields, ...(entry.count > 1 ? [t("toast.times", { n: entry.count })] : [])].join("\t");
}

export interface LogFilter {
  /** The least level that is shown. */
  level: ActivityLevel;
  /** Null: all, those without a series included. */
  series: string | null;
  text: string;
}

const RANK: Readonly<Record<ActivityLevel, number>> = { info: 0, warn: 1, error: 2 };

/** The rows that a filter leaves, in their order. `textOf` gives what a row says. */
export function filterActivities(
  entries: readonly Activity[],
  filter: LogFilter,
  textOf: (entry: Activity) => string,
): readonly Activity[] {
  const wanted = filter.text.trim().toLowerCase();
  return entries.filter(
    (entry) =>
      RANK[entry.level] >= RANK[filter.level] &&
      (filter.series === null || entry.series === filter.series) &&
      (wanted === "" || `${textOf(entry)} ${entry.series ?? ""}`.toLowerCase().includes(wanted)),
  );
}
