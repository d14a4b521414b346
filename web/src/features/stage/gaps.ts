import type { Gap } from "../../api/types";
import type { ChartFormats } from "../../chart/types";
import type { GapFacts } from "../../chart/wording";
import type { Translate } from "../../i18n/catalogue";

const CAUSES = ["disconnect", "stall", "head_jump", "import", "ingest", "exchange_outage"] as const;

/** The server waits this long after the first failed try, doubles that with each further one, and never waits longer than an hour. */
const FIRST_PAUSE_MS = 30_000;
const LONGEST_PAUSE_MS = 3_600_000;
/** What the exchange does not have is asked for again after a day. */
const ABSENT_PAUSE_MS = 24 * 3_600_000;

/** When the server tries next, Unix milliseconds; null before the first try, while it tries, and when nothing is left to fill. */
export function nextAttemptMs({ state, attempts, last_attempt_at_ms }: Gap): number | null {
  if (last_attempt_at_ms === null || (state !== "open" && state !== "absent")) return null;
  if (state === "absent") return last_attempt_at_ms + ABSENT_PAUSE_MS;
  return last_attempt_at_ms + Math.min(FIRST_PAUSE_MS * 2 ** Math.min(Math.max(attempts - 1, 0), 20), LONGEST_PAUSE_MS);
}

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
    lines.push(t("gap.line.tries", { n: entry.attempts, time: formats.dateTime(entry.last_attempt_at_ms / 1_000) }));
  }
  if (entry.last_error !== null) lines.push(t("gap.line.error", { error: entry.last_error }));
  const next = nextAttemptMs(entry);
  if (next !== null) lines.push(t("gap.line.next", { time: formats.dateTime(next / 1_000) }));
  return lines;
}
