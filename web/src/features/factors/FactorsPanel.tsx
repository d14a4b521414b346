import { useQuery } from "@tanstack/react-query";
import type { StoreApi } from "zustand/vanilla";
import type { ApiClient } from "../../api/client";
import type { FactorCatalog, FactorEntry, FactorHealth } from "../../api/types";
import type { ChartState } from "../../chart/types";
import { useT } from "../../i18n/react";
import { Button } from "../../ui/controls/Button";
import { retryAt } from "../../ui/feedback/retry";
import { EmptyState, ErrorState, SkeletonRows } from "../../ui/feedback/States";
import { useStored } from "../../ui/storage/useStored";
import { FactorRow, FeatureRow } from "./rows";
import { featuresOf } from "./tree";
import { useCatalog } from "./useCatalog";
import { visibility } from "./visibility";

export interface FactorsPanelProps {
  api: ApiClient;
  chart: StoreApi<ChartState | null>;
  /** `2026-11-21 14:05` in the chosen zone. */
  formatTime: (time: number) => string;
  /** The chart shows the past: what the server knows by now is not to be seen. */
  past: boolean;
}

const POLL_MS = 5_000;

export function FactorsPanel({ api, chart, formatTime, past }: FactorsPanelProps) {
  const t = useT();
  const catalog = useCatalog(api);
  const rows = catalog.data?.factors.reduce((sum, factor) => sum + 1 + factor.sub_features.length, 0) ?? 0;
  const panelState = catalog.data ? (rows === 0 ? "empty" : "ready") : catalog.isError ? "error" : "loading";

  return (
    <div
      data-panel="factors"
      data-state={panelState}
      data-rows={rows}
      data-error-code={catalog.error?.code}
      data-request-id={catalog.error?.requestId}
      className="flex min-h-0 flex-1 flex-col"
    >
      <div className="min-h-0 flex-1 overflow-y-auto py-1 [scrollbar-gutter:stable]">
        {catalog.data ? (
          <Tree catalog={catalog.data} chart={chart} />
        ) : catalog.error ? (
          <ErrorState
            title={t("factors.error")}
            failure={catalog.error}
            retryAtMs={retryAt(catalog)}
            onRetry={() => catalog.refetch()}
          />
        ) : (
          <SkeletonRows rows={["45%", "70%", "64%", "40%", "72%", "66%", "60%"]} words={t("factors.loading")} />
        )}
      </div>
      <footer className="flex min-h-9 items-center justify-between gap-2 border-t border-line py-1 pr-2 pl-3">
        {past ? (
          <PastFreshness chart={chart} formatTime={formatTime} />
        ) : (
          <Freshness api={api} chart={chart} formatTime={formatTime} />
        )}
        <Button tone="plain" className="text-12" data-cmd="factors.reset" onClick={() => visibility.reset()}>
          {t("factors.reset")}
        </Button>
      </footer>
    </div>
  );
}

function Tree({ catalog, chart }: { catalog: FactorCatalog; chart: StoreApi<ChartState | null> }) {
  const t = useT();
  const choice = useStored(visibility, (state) => state);
  const counts = useStored(chart, (state) => state?.features);
  const inView = (key: string) => counts?.[key]?.inView ?? 0;

  if (catalog.factors.length === 0) return <EmptyState icon="factors" title={t("factors.empty")} />;
  return (
    <ul aria-label={t("factors.tree")}>
      {catalog.factors.map((factor, at) => (
        <li key={factor.key} className="pb-1">
          <FactorRow catalog={catalog} factor={factor} choice={choice} count={sum(factor, inView)} order={at + 1} />
          <ul>
            {factor.sub_features.map((feature) => (
              <FeatureRow
                key={feature.key}
                catalog={catalog}
                factor={factor}
                feature={feature}
                choice={choice}
                count={inView(feature.key)}
                hue={at}
              />
            ))}
          </ul>
        </li>
      ))}
    </ul>
  );
}

function sum(factor: FactorEntry, inView: (key: string) => number): number {
  return featuresOf(factor).reduce((total, key) => total + inView(key), 0);
}

/** How far the drawing of a moment of the past goes. */
function PastFreshness({ chart, formatTime }: Pick<FactorsPanelProps, "chart" | "formatTime">) {
  const t = useT();
  const drawnTo = useStored(chart, (state) => state?.drawings.toTime ?? null);
  return <FreshnessLine words={drawnTo === null ? "" : t("factors.fresh", { time: formatTime(drawnTo) })} />;
}

function Freshness({ api, chart, formatTime }: Omit<FactorsPanelProps, "past">) {
  const t = useT();
  const series = useStored(chart, (state) => state?.series ?? null);
  const drawnTo = useStored(chart, (state) => state?.drawings.toTime ?? null);
  const health = useQuery<FactorHealth>({
    queryKey: ["factor-health", series],
    queryFn: ({ signal }) => api.factorHealth(series ?? "", signal),
    enabled: series !== null,
    refetchInterval: POLL_MS,
  });

  let words = "";
  let behind = false;
  if (health.data) {
    // A drawing can only reach as far as its factors, so the newer of both times is true.
    const head = Math.max(health.data.factor_head_time ?? 0, drawnTo ?? 0);
    const late = (health.data.store_head_time ?? 0) > head ? (health.data.max_delay_candles ?? 0) : 0;
    behind = late > 0;
    words =
      head === 0
        ? t("factors.noHead")
        : behind
          ? t("factors.behind", { n: late })
          : t("factors.fresh", { time: formatTime(head) });
  } else if (health.isError) {
    words = t("factors.healthOff");
  }
  return <FreshnessLine words={words} behind={behind} />;
}

function FreshnessLine({ words, behind = false }: { words: string; behind?: boolean }) {
  return (
    <p
      data-testid="factors-freshness"
      className={`min-w-0 truncate text-12 ${behind ? "text-warn" : "text-text-3"}`}
      title={words}
    >
      {words}
    </p>
  );
}
