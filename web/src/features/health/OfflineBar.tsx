import { useEffect, useRef } from "react";
import type { MarketSocket } from "../../api/socket";
import { formatDuration } from "../../chart/format/duration";
import { useLocale, useT } from "../../i18n/react";
import { Icon } from "../../ui/controls/Icon";
import { useNow } from "../../ui/feedback/States";
import { useConnection } from "./useHealth";

/** Losses shorter than this heal without anybody noticing. */
const SHOWN_AFTER_MS = 1_000;

/**
 * Lies over the top 28 px of the chart, so that nothing but the legend moves when it comes or goes.
 * Assertive for screen readers only when the connection is lost, polite when it is back.
 */
export function OfflineBar({ socket }: { socket: MarketSocket }) {
  const t = useT();
  const locale = useLocale();
  const connection = useConnection(socket);
  const down = connection.downSinceMs !== null;
  const nowMs = useNow(down ? 1_000 : null);
  const shown = connection.downSinceMs !== null && nowMs - connection.downSinceMs >= SHOWN_AFTER_MS;
  const wasShown = useRef(false);
  useEffect(() => {
    if (shown) wasShown.current = true;
  }, [shown]);

  return (
    <>
      <p role="alert" className="sr-only">
        {shown && t("health.spoken.offline")}
      </p>
      <p role="status" className="sr-only">
        {!down && wasShown.current && t("health.spoken.back")}
      </p>
      {shown && connection.downSinceMs !== null && (
        <div
          data-testid="offline-bar"
          className="absolute inset-x-0 top-0 z-30 flex h-7 items-center justify-center gap-2 border-b border-danger bg-bg-2 px-3 text-12 coarse:h-11"
        >
          <Icon name="offline" size={14} className="text-danger" />
          <span className="truncate">
            {words(t, formatDuration((nowMs - connection.downSinceMs) / 1_000, locale), connection.retryAtMs, nowMs)}
          </span>
          <button
            type="button"
            data-cmd="connection.retry"
            onClick={() => socket.retryNow()}
            className="hit relative rounded-control px-2 font-semibold text-accent hover:underline"
          >
            {t("common.tryNow")}
          </button>
        </div>
      )}
    </>
  );
}

function words(t: ReturnType<typeof useT>, age: string, retryAtMs: number | null, nowMs: number): string {
  if (!navigator.onLine) return t("offline.browser", { age });
  if (retryAtMs === null || retryAtMs <= nowMs) return t("offline.barNow", { age });
  return t("offline.bar", { age, seconds: Math.ceil((retryAtMs - nowMs) / 1_000) });
}
