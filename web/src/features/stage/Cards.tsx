import type { StoreApi } from "zustand/vanilla";
import type { ApiClient } from "../../api/client";
import { formatDuration } from "../../chart/format/duration";
import type { ChartHost, ChartState } from "../../chart/types";
import { useLocale, useT } from "../../i18n/react";
import { Button } from "../../ui/controls/Button";
import { Icon } from "../../ui/controls/Icon";
import { EmptyState, ErrorState, useDelayed, useNow } from "../../ui/feedback/States";
import { useStored } from "../../ui/storage/useStored";
import { DrawingsBehind } from "./DrawingsBehind";
import { grouped } from "./text";

export interface CardsProps {
  api: ApiClient;
  chart: StoreApi<ChartState | null>;
  host: ChartHost | null;
  onSearch: () => void;
  formatTime: (time: number) => string;
  /** The past is shown: the replay has its own words for what keeps it away. */
  past: boolean;
}

const PAGE = 2_000;
const CARD = "rounded-card border border-line bg-bg-2 shadow-float";

/** What stands over the chart when it has something to say. At most one large card; candles stay visible below small ones. */
export function StageCards({ api, chart, host, onSearch, formatTime, past }: CardsProps) {
  const state = useStored(chart, (current) => current);
  if (state === null) return null;
  if (past) return state.status === "loading" && <Waiting key={state.requested} host={host} />;
  const blank = state.series === null || state.series !== state.requested || state.candles.count === 0;
  return (
    <>
      {state.status === "error" && state.failure && <ErrorCard state={state} host={host} blank={blank} />}
      {state.status === "empty" && <EmptyCard refused={state.refusal?.message ?? null} onSearch={onSearch} />}
      {state.status === "loading" && <Waiting key={state.requested} host={host} />}
      <div className="pointer-events-none absolute top-16 left-3 z-10 flex max-w-[min(340px,70%)] flex-col gap-2">
        {state.refusal && state.status !== "empty" && <Refused message={state.refusal.message} />}
        {state.drawings.status === "out_of_sync" && (
          <DrawingsBehind api={api} state={state} host={host} formatTime={formatTime} />
        )}
        {state.status === "stale" && <Stale state={state} formatTime={formatTime} />}
      </div>
    </>
  );
}

function ErrorCard({ state, host, blank }: { state: ChartState; host: ChartHost | null; blank: boolean }) {
  const t = useT();
  const { failure } = state;
  if (!failure) return null;
  return (
    <div
      className={`absolute z-20 ${CARD} ${blank ? "top-16 left-1/2 w-[min(440px,calc(100%-24px))] -translate-x-1/2" : "top-16 left-3 w-[min(360px,calc(100%-24px))]"}`}
    >
      <ErrorState
        title={t("chart.error.title")}
        failure={failure}
        retryAtMs={failure.retryAtMs}
        onRetry={() => host?.command("retry")}
      />
    </div>
  );
}

function EmptyCard({ refused, onSearch }: { refused: string | null; onSearch: () => void }) {
  const t = useT();
  return (
    <div
      data-testid="chart-empty"
      className={`absolute top-16 left-1/2 z-20 w-[min(440px,calc(100%-24px))] -translate-x-1/2 ${CARD}`}
    >
      <EmptyState icon="empty" title={t("chart.empty.title")} text={t("chart.empty.text")}>
        {refused && <RefusalText message={refused} />}
        <Button onClick={onSearch}>{t("chart.empty.search")}</Button>
      </EmptyState>
    </div>
  );
}

/** Words for a wait: after one second what is loading, after ten what may be slow and a way to ask again. */
function Waiting({ host }: { host: ChartHost | null }) {
  const t = useT();
  const late = useDelayed(true, 1_000);
  const slow = useDelayed(true, 10_000);
  if (!late) return null;
  return (
    <div
      role="status"
      className={`absolute top-16 left-1/2 z-10 flex max-w-[calc(100%-24px)] -translate-x-1/2 items-center gap-3 px-4 py-2 ${CARD}`}
    >
      <span>{slow ? t("chart.wait.slow", { seconds: 10 }) : t("chart.wait.text", { count: grouped(PAGE) })}</span>
      {slow && <Button onClick={() => host?.command("retry")}>{t("common.retry")}</Button>}
    </div>
  );
}

function Refused({ message }: { message: string }) {
  const t = useT();
  return (
    <div role="status" data-testid="refused" className={`pointer-events-auto px-3 py-2 ${CARD}`}>
      <p className="flex items-center gap-2 font-semibold">
        <Icon name="warn" className="text-warn" />
        {t("chart.refused.title")}
      </p>
      <RefusalText message={message} />
    </div>
  );
}

function RefusalText({ message }: { message: string }) {
  const t = useT();
  switch (message) {
    case "ondemand_ingest_capacity":
      return <p className="text-text-2">{t("refusal.ondemand_ingest_capacity")}</p>;
    case "subscription_limit":
      return <p className="text-text-2">{t("refusal.subscription_limit")}</p>;
    case "ingest_cooling_down":
      return <p className="text-text-2">{t("refusal.ingest_cooling_down")}</p>;
    case "unsupported exchange":
      return <p className="text-text-2">{t("refusal.unsupported_exchange")}</p>;
    default:
      return (
        <details className="text-12 text-text-2">
          <summary>{t("common.details")}</summary>
          <p className="font-mono">{message}</p>
        </details>
      );
  }
}

function Stale({ state, formatTime }: { state: ChartState; formatTime: (time: number) => string }) {
  const t = useT();
  const locale = useLocale();
  const now = useNow(5_000);
  const at = state.last?.time ?? state.candles.lastTime;
  if (at === null) return null;
  const age = state.lastFrameMs === null ? null : formatDuration((now - state.lastFrameMs) / 1_000, locale);
  return (
    <p role="status" className={`flex items-center gap-2 px-3 py-1.5 text-12 ${CARD}`}>
      <Icon name="clock" size={14} className="text-warn" />
      {age === null ? formatTime(at) : t("chart.stale", { time: formatTime(at), age })}
    </p>
  );
}
