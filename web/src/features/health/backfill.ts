import type { MarketHealth } from "../../api/types";
import { formatDuration } from "../../chart/format/duration";
import type { Translate } from "../../i18n/catalogue";

/** How far a backfill of the newest candles is, with numbers. */
export function backfillText({ backfill, now_time }: MarketHealth, t: Translate, locale: string): string {
  switch (backfill.state) {
    case "running":
      return backfill.progress_pct === null
        ? t("data.backfill.running")
        : t("data.backfill.progress", {
            percent: Math.floor(backfill.progress_pct),
            missing: backfill.current_missing_candles,
            all: backfill.start_missing_candles,
          });
    case "succeeded": {
      const seconds = backfill.updated_at === null ? 0 : now_time - backfill.updated_at;
      return t("data.backfill.succeeded", { age: formatDuration(seconds, locale) });
    }
    case "failed":
      return t("data.backfill.failed", { error: backfill.error ?? "" });
    case "idle":
      return t("data.backfill.idle");
  }
}
