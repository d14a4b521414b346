import { useQuery } from "@tanstack/react-query";
import type { ApiClient } from "../../api/client";
import type { ApiError } from "../../api/error";
import type { BaseBucket, SeriesHealth } from "../../api/types";
import type { ChartFormats } from "../../chart/types";
import { useT } from "../../i18n/react";
import { Fact, Facts, Part } from "../../ui/controls/Facts";
import { StaleNote } from "../../ui/feedback/States";

const EVERY_MS = 15_000;
const NOT_FOUND = 404;

interface SeriesSectionProps {
  api: ApiClient;
  series: string;
  formats: ChartFormats;
}

/** Counted from the candles themselves. Behind a closed debug gate it does not exist. */
export function SeriesSection({ api, series, formats }: SeriesSectionProps) {
  const t = useT();
  const query = useQuery<SeriesHealth, ApiError>({
    queryKey: ["series-health", series],
    queryFn: ({ signal }) => api.seriesHealth(series, signal),
    refetchInterval: ({ state }) => (state.error?.status === NOT_FOUND ? false : EVERY_MS),
    retry: false,
  });
  const { data } = query;
  if (!data) return null;
  return (
    <Part title={t("data.series")} testId="data-series">
      <StaleNote query={query} formats={formats} />
      <Facts>
        <Fact name={t("data.series.candles")}>{data.candle_count}</Fact>
        {data.first_time !== null && <Fact name={t("data.series.first")}>{formats.dateTime(data.first_time)}</Fact>}
        <Fact name={t("data.series.gaps")}>{data.gap_count}</Fact>
        {data.max_gap_seconds !== null && (
          <Fact name={t("data.series.longest")}>{formats.duration(data.max_gap_seconds - data.timeframe_seconds)}</Fact>
        )}
        {data.off_grid_count !== undefined && data.off_grid_count > 0 && (
          <Fact name={t("data.series.offGrid")}>{data.off_grid_count}</Fact>
        )}
      </Facts>
      {data.base_bucket_completeness.length > 0 && (
        <Buckets buckets={data.base_bucket_completeness} formats={formats} />
      )}
    </Part>
  );
}

function Buckets({ buckets, formats }: { buckets: readonly BaseBucket[]; formats: ChartFormats }) {
  const t = useT();
  return (
    <>
      <h4 className="mt-3 mb-1 text-12 font-semibold text-text-3">{t("data.series.buckets")}</h4>
      <Facts>
        {buckets.map(({ bucket_open_time, actual_minutes: actual, expected_minutes: expected }) => (
          <Fact key={bucket_open_time} name={formats.dateTime(bucket_open_time)}>
            <span className={actual < expected ? "text-warn" : ""}>
              {t("data.series.bucket", { actual, expected })}
            </span>
          </Fact>
        ))}
      </Facts>
    </>
  );
}
