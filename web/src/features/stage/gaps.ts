import type { ChartFormats } from "../../chart/types";
import type { GapFacts } from "../../chart/wording";
import type { Translate } from "../../i18n/catalogue";

const CAUSES = ["disconnect", "stall", "head_jump", "import", "ingest", "exchange_outage"] as const;

/** A hole in at most five lines: what is missing, what the server does about it, its tries, the last failure, the next try. */
export function gapLines(
  { fromTime, toTime, missing, entry }: GapFacts,
  formats: ChartFormats,
  t: Translate,
): string[] {
  const range = t("gap.line.range", { range: formats.range(fromTime, toTime), n: missing });
  if (entry === null) return [range, t("gap.line.unlisted")];
  const known = CAUSES.find((cause) => cause === entry.cause);
  const lines = [range, t(`gap.line.${entry.state}`, { cause: t(`gap.cause.${known ?? "unknown"}`) })];
  if (entry.last_attempt_at_ms !== null) {
    lines.push(t("gap.line.tries", { n: entry.attempts, time: formats.moment(entry.last_attempt_at_ms / 1_000) }));
  }
  if (entry.last_error !== null) lines.push(t("gap.line.error", { error: entry.last_error }));
  if (entry.next_attempt_at_ms !== null) {
    lines.push(t("gap.line.next", { time: formats.moment(entry.next_attempt_at_ms / 1_000) }));
  }
  return lines;
}
