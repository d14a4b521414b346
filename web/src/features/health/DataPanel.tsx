import { useQuery } from "@tanstack/react-query";
import type { ApiClient } from "../../api/client";
import type { ApiError } from "../../api/error";
import type { EpochsResponse } from "../../api/types";
import type { ChartFormats, ChartHost } from "../../chart/types";
import { useT } from "../../i18n/react";
import { retried, retryAt } from "../../ui/feedback/retry";
import { EmptyState, ErrorState, SkeletonRows, StaleNote } from "../../ui/feedback/States";
import { GapsSection, useGapList } from "./GapsSection";
import { HealthSection } from "./HealthSection";
import { SeriesSection } from "./SeriesSection";
import type { HealthPicture } from "./useHealth";

export interface DataPanelProps {
  api: ApiClient;
  health: HealthPicture;
  /** The series on screen; null: none. */
  series: string | null;
  /** A live stream feeds it; null: not known. */
  live: boolean | null;
  host: ChartHost | null;
}

const EPOCHS_EVERY_MS = 15_000;

/** How complete and how fresh the candles of one series are, and what was done about it. */
export default function DataPanel({ api, health, series, live, host }: DataPanelProps) {
  const t = useT();
  const offline = health.facts.connection.downSinceMs !== null;
  const gaps = useGapList(api, series);
  const epochs = useQuery<EpochsResponse, ApiError>({
    queryKey: ["epochs", series, health.facts.drawings?.epoch],
    queryFn: ({ signal }) => api.epochs(series ?? "", signal),
    enabled: series !== null,
    ...retried(EPOCHS_EVERY_MS),
  });
  const failed = epochs.error ?? gaps.query.error ?? null;
  const formats = host?.formats();
  const state =
    series === null || !formats
      ? "empty"
      : offline
        ? "offline"
        : epochs.data
          ? failed
            ? "stale"
            : "ready"
          : failed
            ? "error"
            : "loading";

  return (
    <div
      data-panel="data"
      data-state={state}
      data-rows={gaps.query.data?.gaps.length ?? 0}
      data-error-code={failed?.code}
      data-request-id={failed?.requestId}
      className="min-h-0 flex-1 overflow-y-auto pb-3 [scrollbar-gutter:stable]"
    >
      {series === null || !formats ? (
        <EmptyState icon="data" title={t("data.none")} text={t("data.none.text")} />
      ) : (
        <>
          {offline && (
            <p role="status" className="mx-3 mt-3 rounded-card border border-line bg-bg-2 px-3 py-2">
              {t("data.offline")}
            </p>
          )}
          <Epochs epochs={epochs} health={health} live={live} formats={formats} />
          <GapsSection list={gaps} host={host} formats={formats} />
          <SeriesSection key={series} api={api} series={series} formats={formats} />
        </>
      )}
    </div>
  );
}

interface EpochsProps {
  epochs: ReturnType<typeof useQuery<EpochsResponse, ApiError>>;
  health: HealthPicture;
  live: boolean | null;
  formats: ChartFormats;
}

function Epochs({ epochs, health, live, formats }: EpochsProps) {
  const t = useT();
  if (epochs.data) {
    return (
      <>
        <StaleNote query={epochs} formats={formats} />
        <HealthSection health={health} epochs={epochs.data} live={live} formats={formats} />
      </>
    );
  }
  if (epochs.error) {
    return (
      <ErrorState
        title={t("data.error")}
        failure={epochs.error}
        retryAtMs={retryAt(epochs)}
        onRetry={() => void epochs.refetch()}
      />
    );
  }
  return <SkeletonRows rows={["70%", "54%", "62%", "48%", "66%", "58%"]} words={t("data.loading")} />;
}
