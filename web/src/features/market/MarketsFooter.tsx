import { formatDuration } from "../../chart/format/duration";
import type { Translate } from "../../i18n/catalogue";
import { useLocale, useT } from "../../i18n/react";
import { Icon, type IconName } from "../../ui/controls/Icon";
import type { Source } from "./MarketsPanel";

/** Prices are sent when they change; a market that says nothing for longer than this is not called live. */
const LIVE_MS = 10_000;

interface Age {
  state: "live" | "cached" | "stale" | "lost" | "none";
  words: string;
}

/** How old the prices are, and what keeps new ones away. */
export function MarketsFooter({ source }: { source: Source }) {
  const t = useT();
  const locale = useLocale();
  const { state, words } = ageOf(source, t, (ms) => formatDuration(ms / 1_000, locale));
  const looks: Readonly<Record<Age["state"], { icon: IconName; tone: string }>> = {
    live: { icon: "pulse", tone: "text-ok" },
    cached: { icon: "clock", tone: "text-text-3" },
    stale: { icon: "warn", tone: "text-warn" },
    lost: { icon: "sync", tone: "text-warn" },
    none: { icon: "dash", tone: "text-text-3" },
  };
  return (
    <footer className="flex min-h-9 items-center gap-2 border-t border-line py-1 pr-2 pl-3 text-12 text-text-3">
      {state !== "none" && <Icon name={looks[state].icon} size={14} className={looks[state].tone} />}
      <p data-testid="markets-age" data-age={state} className="min-w-0 flex-1 truncate" title={words}>
        {words}
      </p>
      {(state === "lost" || state === "stale") && (
        <button
          type="button"
          data-cmd="markets.retry"
          onClick={source.retry}
          className="hit relative shrink-0 rounded-control px-2 font-semibold text-accent hover:underline"
        >
          {t("common.tryNow")}
        </button>
      )}
    </footer>
  );
}

export function ageOf(source: Source, t: Translate, duration: (ms: number) => string): Age {
  const { stream, down, nowMs } = source;
  if (stream === null) return { state: "none", words: "" };
  if (down && stream.downSinceMs !== null) {
    const age = duration(nowMs - stream.downSinceMs);
    const seconds = stream.retryAtMs === null ? 0 : Math.max(0, Math.ceil((stream.retryAtMs - nowMs) / 1_000));
    return { state: "lost", words: t("markets.age.lost", { age, seconds }) };
  }
  if (stream.list === null || stream.receivedMs === null) return { state: "none", words: "" };
  const heldMs = Math.max(0, nowMs - stream.receivedMs);
  if (stream.failure !== null || stream.list.stale) {
    return { state: "stale", words: t("markets.age.stale", { age: duration((stream.list.age_ms ?? 0) + heldMs) }) };
  }
  return heldMs <= LIVE_MS
    ? { state: "live", words: t("markets.age.live") }
    : { state: "cached", words: t("markets.age.cached", { age: duration(heldMs) }) };
}
