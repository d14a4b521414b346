import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { ApiClient } from "../../api/client";
import type { ApiError } from "../../api/error";
import type { Gap, GapState, GapsResponse } from "../../api/types";
import type { ChartFormats, ChartHost } from "../../chart/types";
import { useT } from "../../i18n/react";
import { Segmented } from "../../ui/controls/Choice";
import { Part } from "../../ui/controls/Facts";
import { Icon, type IconName } from "../../ui/controls/Icon";
import { retried, retryAt } from "../../ui/feedback/retry";
import { ErrorState, SkeletonRows, StaleNote } from "../../ui/feedback/States";

type Filter = "open" | "healed" | "all";

const FILTERS: readonly Filter[] = ["open", "healed", "all"];
const CAUSES = ["disconnect", "stall", "head_jump", "import", "ingest", "exchange_outage"] as const;
const LOOKS: Readonly<Record<GapState, { icon: IconName; tone: string }>> = {
  open: { icon: "warn", tone: "text-warn" },
  filling: { icon: "sync", tone: "text-warn" },
  absent: { icon: "dash", tone: "text-text-3" },
  healed: { icon: "check", tone: "text-ok" },
};
const EVERY_MS = 5_000;
const LIMIT = 200;

/** The ledger of one series as it is filtered, kept up to date. */
export function useGapList(api: ApiClient, series: string | null) {
  const [filter, setFilter] = useState<Filter>("open");
  const query = useQuery<GapsResponse, ApiError>({
    queryKey: ["gaps", series, filter],
    queryFn: ({ signal }) => api.gaps({ series_id: series ?? "", state: filter, limit: LIMIT }, signal),
    enabled: series !== null,
    placeholderData: (before) => (before?.series_id === series ? before : undefined),
    ...retried(EVERY_MS),
  });
  return { filter, setFilter, query };
}

interface GapsSectionProps {
  list: ReturnType<typeof useGapList>;
  host: ChartHost | null;
  formats: ChartFormats;
}

export function GapsSection({ list: { filter, setFilter, query }, host, formats }: GapsSectionProps) {
  const t = useT();
  const { data } = query;
  return (
    <Part title={t("data.gaps")} testId="data-gaps">
      <Segmented
        label={t("data.gaps.filter")}
        value={filter}
        options={FILTERS.map((value) => ({ value, label: t(`data.gaps.${value}`) }))}
        onChange={setFilter}
      />
      {!data && query.error && (
        <ErrorState
          title={t("data.gaps.error")}
          failure={query.error}
          retryAtMs={retryAt(query)}
          onRetry={() => void query.refetch()}
        />
      )}
      {!data && !query.error && <SkeletonRows rows={["72%", "64%"]} words={t("data.loading")} />}
      {data && <StaleNote query={query} formats={formats} />}
      {data && (
        <>
          <p
            data-open={data.open_count}
            data-missing={data.open_missing_candles}
            className="my-1.5 text-12 text-text-2"
          >
            {data.gaps.length === 0
              ? t(`data.gaps.none.${filter}`)
              : t("data.gaps.total", { gaps: data.open_count, n: data.open_missing_candles })}
          </p>
          <ul className="-mx-3">
            {data.gaps.map((gap) => (
              <GapRow key={gap.from_time} gap={gap} formats={formats} onGo={() => void host?.goTo(gap.from_time)} />
            ))}
          </ul>
          {data.gaps.length === LIMIT && <p className="text-12 text-text-3">{t("data.gaps.more", { n: LIMIT })}</p>}
        </>
      )}
    </Part>
  );
}

function GapRow({ gap, formats, onGo }: { gap: Gap; formats: ChartFormats; onGo: () => void }) {
  const t = useT();
  const { icon, tone } = LOOKS[gap.state];
  const range = formats.range(gap.from_time, gap.to_time);
  const cause = CAUSES.find((known) => known === gap.cause) ?? "unknown";
  return (
    <li data-key={gap.from_time} data-gap={gap.state}>
      <button
        type="button"
        aria-label={t("data.gaps.go", { range })}
        onClick={onGo}
        className="grid w-full grid-cols-[auto_minmax(0,1fr)_auto] items-baseline gap-x-2 px-3 py-1 text-left text-12 outline-offset-[-2px] tabular-nums hover:bg-bg-2 coarse:min-h-11"
      >
        <Icon name={icon} size={14} className={`translate-y-0.5 ${tone}`} />
        <span className="truncate">{range}</span>
        <span className="text-right">{t("data.missing.n", { n: gap.missing_candles })}</span>
        <span className="col-start-2 col-end-4 flex flex-wrap gap-x-3 text-text-3">
          <span className={tone}>{t(`gap.state.${gap.state}`)}</span>
          <span>{t(`gap.cause.${cause}`)}</span>
          {gap.attempts > 0 && <span>{t("data.gaps.tries", { n: gap.attempts })}</span>}
          {gap.last_error !== null && <span className="break-words">{gap.last_error}</span>}
        </span>
      </button>
    </li>
  );
}
