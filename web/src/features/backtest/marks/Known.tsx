import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import type { ApiClient } from "../../../api/client";
import type { ApiError } from "../../../api/error";
import { parseSeriesId, timeframeSeconds } from "../../../api/series";
import type { ChartHost } from "../../../chart/types";
import { DRAW_WINDOW_CANDLES } from "../../../feed/drawing-sync";
import { type PastDrawings, pastDrawings } from "../../../feed/past-drawings";
import { useT } from "../../../i18n/react";
import { Button } from "../../../ui/controls/Button";
import { Icon } from "../../../ui/controls/Icon";
import { useStored } from "../../../ui/storage/useStored";
import type { BacktestStore } from "../slot";

export interface KnownProps {
  api: Pick<ApiClient, "frameAt">;
  host: ChartHost;
  slot: BacktestStore;
  seriesId: string;
  /** When the chosen trade was opened, seconds. */
  entry: number;
  formatTime: (time: number) => string;
}

/** A ledger that is behind is asked again, in silence at first. */
const SILENT_RETRIES = 6;
const RETRY_MS = 200;
const KEPT_MS = 60_000;

/** The structures as they were known when the chosen trade was opened, in place of those of now; and the way back. */
export function Known({ api, host, slot, seriesId, entry, formatTime }: KnownProps) {
  const t = useT();
  const asKnown = useStored(slot, (state) => state.asKnown);
  const step = timeframeSeconds(parseSeriesId(seriesId)?.timeframe ?? "") ?? 60;
  // A trade is opened with a bar: what was known then are the bars closed before it, whatever timeframe is on the chart.
  const at = Math.max(0, entry - step);
  const past = usePast(api, host, seriesId, at);
  const missing = isMissing(past, at, step);
  const shown = missing ? null : (past.data ?? null);
  useEffect(() => {
    slot.setState({ unstored: missing ? seriesId : null });
    return () => slot.setState({ unstored: null });
  }, [slot, missing, seriesId]);
  useEffect(() => {
    if (!asKnown || !shown) return;
    const handle = host.attach({ facts: () => ({ "data-known-at": shown.time }) });
    handle.hold(shown);
    return () => handle.detach();
  }, [host, asKnown, shown]);
  const failed = asKnown && past.isError && !missing;
  const words = missing
    ? t("backtest.known.missing")
    : failed
      ? t("backtest.known.failed")
      : asKnown
        ? t("backtest.known.text")
        : t("backtest.known.now");
  return (
    <div
      role="status"
      data-testid="backtest-known"
      data-state={missing ? "missing" : failed ? "error" : !asKnown ? "now" : shown ? "known" : "loading"}
      {...(failed && { "data-error-code": past.error?.code })}
      className="absolute bottom-[calc(max(var(--tc-time-axis,28px),var(--covered,0px))+8px)] left-2 z-20 flex max-w-[calc(100%-96px)] flex-wrap items-center gap-x-2 rounded-card border border-line bg-bg-2 py-0.5 pr-0.5 pl-2 text-12 shadow-float data-[state=missing]:py-1 data-[state=missing]:pr-2"
    >
      <Icon name={failed || missing ? "warn" : "replay"} size={14} />
      <span className="tabular-nums">
        {words}
        {asKnown && shown && !failed && ` · ${formatTime(shown.time)}`}
      </span>
      {missing ? null : failed ? (
        <Button
          tone="plain"
          className="h-6 px-2 text-12"
          data-cmd="backtest.known.retry"
          onClick={() => void past.refetch()}
        >
          {t("common.retry")}
        </Button>
      ) : (
        <Button
          tone="plain"
          className="h-6 px-2 text-12"
          data-cmd="backtest.known"
          onClick={() => slot.setState({ asKnown: !asKnown })}
        >
          {t(asKnown ? "backtest.known.showNow" : "backtest.known.showKnown")}
        </Button>
      )}
    </div>
  );
}

type Past = ReturnType<typeof usePast>;

/** The bar before the entry is not stored: there is none at all before it, or the newest one is an older one. */
function isMissing({ data, error, isPlaceholderData }: Past, at: number, step: number): boolean {
  if (error) return error.status === 404;
  return data !== undefined && !isPlaceholderData && (data === null || data.time <= at - step);
}

function usePast(api: KnownProps["api"], host: ChartHost, seriesId: string, at: number) {
  const queries = useQueryClient();
  // The past of a series that was folded again is another one.
  useEffect(
    () =>
      host.onNotice((notice) => {
        if (notice.kind === "rebuild") void queries.invalidateQueries({ queryKey: ["known-at", notice.series] });
      }),
    [host, queries],
  );
  return useQuery<PastDrawings | null, ApiError>({
    queryKey: ["known-at", seriesId, at],
    queryFn: async ({ signal }) => {
      const query = { series_id: seriesId, at_time: at, window_candles: DRAW_WINDOW_CANDLES };
      return pastDrawings(await api.frameAt(query, signal));
    },
    // The trade before stays until its neighbour is there: nothing flickers between them.
    placeholderData: (before) => (before?.seriesId === seriesId ? before : undefined),
    retry: (failures, error) => error.status === 409 && failures < SILENT_RETRIES,
    retryDelay: RETRY_MS,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: KEPT_MS,
  });
}
