import { useMutation, useQuery } from "@tanstack/react-query";
import { type ReactNode, useEffect, useRef, useState } from "react";
import type { ApiError } from "../../api/error";
import {
  type CoverageStatus,
  type PackageMetadata,
  type PackageOutlook,
  type PackageQuery,
  type PackageStatus,
  packageFile,
  type ReplayApi,
} from "../../api/replay-api";
import { useT } from "../../i18n/react";
import { Button } from "../../ui/controls/Button";
import { askFor, beginFit, type Fit, isFound, learn } from "./package-fit";
import { troubleOf } from "./package-trouble";

interface PackageSectionProps {
  api: ReplayApi;
  seriesId: string;
  /** The last bar of the package, seconds. */
  at: number;
  /** Bars up to there that the history can have. */
  bars: number;
  formatTime: (time: number) => string;
  /** Begins a replay of an imported package's first bar. */
  onOpen: (seriesId: string, time: number) => void;
}

/** Most bars of a package that is saved from here. */
export const PACKAGE_BARS = 2_000;
/** Jobs are asked how far they are this often, milliseconds. */
const POLL_MS = 500;

/** The moment and what led to it as one file: kept, shared, read without a server. */
export function PackageSection({ api, seriesId, at, bars, formatTime, onOpen }: PackageSectionProps) {
  const t = useT();
  const place = `${seriesId} ${at} ${bars}`;
  const [less, setLess] = useState<{ place: string; fit: Fit } | null>(null);
  const [asked, setAsked] = useState<string | null>(null);
  const fit = less?.place === place ? less.fit : null;
  const wanted = fit ? askFor(fit) : bars;
  const query: PackageQuery = { series_id: seriesId, to_time: at, window_candles: wanted };
  const key = [seriesId, at, wanted];
  const outlook = useQuery<PackageOutlook, ApiError>({
    queryKey: ["package-outlook", ...key],
    queryFn: ({ signal }) => api.packageOutlook(query, signal),
    gcTime: 0,
  });
  const again = () => void outlook.refetch();
  const job = useJob(again, api.packageStatus);
  const cover = useJob(again, api.coverageStatus);
  const build = useMutation<{ job_id: string }, ApiError>({
    mutationFn: () => api.buildPackage(query),
    onSuccess: ({ job_id }) => job.follow(job_id),
  });
  const fetchMissing = useMutation<{ job_id: string }, ApiError>({
    mutationFn: () => api.ensureCoverage(query),
    onSuccess: ({ job_id }) => {
      setAsked(place);
      cover.follow(job_id);
    },
  });
  const prepare = useMutation<void, ApiError>({ mutationFn: () => api.prepare(query), onSuccess: again });

  const tried = asked === place && cover.status !== null && !cover.running;
  const counted = outlook.data?.coverage;
  const lacking = outlook.data?.status === "coverage_missing";
  // What could not be loaded will not be there the next time either: a package of the bars up to the hole.
  useEffect(() => {
    if (!tried || counted === undefined) return;
    const stored = lacking ? counted.candles_ready : wanted;
    if (fit === null && lacking) setLess({ place, fit: beginFit(bars, stored) });
    else if (fit !== null && !isFound(fit)) setLess({ place, fit: learn(fit, wanted, stored) });
  }, [tried, counted, lacking, fit, wanted, bars, place]);

  const failure = outlook.error ?? build.error ?? fetchMissing.error ?? prepare.error;
  return (
    <div
      data-testid="replay-package"
      data-state={outlook.data?.status ?? ""}
      className="flex flex-col items-start gap-2"
    >
      <p className="text-12 text-text-2">{t("replay.package.about", { n: wanted })}</p>
      {failure && (
        <Trouble title={t("replay.package.failed")} code={failure.code} details={failure.message} onRetry={again} />
      )}
      {job.status?.error && <Trouble title={t("replay.package.failed")} code={job.status.error} />}
      {tried && cover.status?.error && <Trouble title={t("replay.package.coverFailed")} code={cover.status.error} />}
      {outlook.data && (fit === null || isFound(fit)) && (
        <Offer
          outlook={outlook.data}
          building={build.isPending || job.running ? (job.status?.progress ?? 0) : null}
          covering={cover.running ? cover.status : null}
          preparing={prepare.isPending}
          formatTime={formatTime}
          onBuild={() => build.mutate()}
          onCover={() => fetchMissing.mutate()}
          onPrepare={() => prepare.mutate()}
        />
      )}
      <Import api={api} formatTime={formatTime} onOpen={onOpen} />
    </div>
  );
}

interface OfferProps {
  outlook: PackageOutlook;
  /** Percent; null: nothing is built. */
  building: number | null;
  covering: CoverageStatus | null;
  preparing: boolean;
  formatTime: (time: number) => string;
  onBuild: () => void;
  onCover: () => void;
  onPrepare: () => void;
}

/** The one next step towards the file. */
function Offer({ outlook, building, covering, preparing, formatTime, onBuild, onCover, onPrepare }: OfferProps) {
  const t = useT();
  const { coverage, metadata, job_id } = outlook;
  const counts = { ready: coverage.candles_ready, wanted: coverage.required_candles };
  if (building !== null) return <Running>{t("replay.package.building", { percent: building })}</Running>;
  if (covering) {
    const { candles_ready: ready, required_candles: wanted } = covering;
    return <Running>{t("replay.package.covering", { ready, wanted })}</Running>;
  }
  if (preparing) return <Running>{t("replay.package.preparing")}</Running>;
  switch (outlook.status) {
    case "coverage_missing":
      return (
        <>
          <p className="text-12">{t("replay.package.missing", counts)}</p>
          <Button data-cmd="replay.package.cover" onClick={onCover}>
            {t("replay.package.cover", counts)}
          </Button>
        </>
      );
    case "out_of_sync":
      return (
        <>
          <p className="text-12">{t("replay.package.behind")}</p>
          <Button data-cmd="replay.package.prepare" onClick={onPrepare}>
            {t("replay.package.prepare")}
          </Button>
        </>
      );
    case "build_required":
      return (
        <Button data-cmd="replay.package.save" onClick={onBuild}>
          {t("replay.package.save")}
        </Button>
      );
    case "done":
      return (
        <>
          {metadata && <p className="text-12">{t("replay.package.done", wordsOf(metadata, formatTime))}</p>}
          <a
            href={packageFile(job_id)}
            download
            data-cmd="replay.package.export"
            className="hit relative inline-flex h-(--control) items-center rounded-control border border-line-strong px-3 hover:bg-bg-3"
          >
            {t("replay.package.export")}
          </a>
        </>
      );
  }
}

function wordsOf(metadata: PackageMetadata, formatTime: (time: number) => string) {
  const { total_candles: n, from_candle_time: from, to_candle_time: to } = metadata;
  return { n, from: formatTime(from), to: formatTime(to) };
}

function Running({ children }: { children: ReactNode }) {
  return (
    <p role="status" className="text-12 tabular-nums">
      {children}
    </p>
  );
}

function Import({ api, formatTime, onOpen }: Pick<PackageSectionProps, "api" | "formatTime" | "onOpen">) {
  const t = useT();
  const input = useRef<HTMLInputElement>(null);
  const read = useMutation<PackageStatus, ApiError, Blob>({ mutationFn: (file) => api.importPackage(file) });
  const metadata = read.data?.metadata ?? null;
  return (
    <div className="flex flex-col items-start gap-1">
      <input
        ref={input}
        type="file"
        accept=".tcreplay"
        hidden
        data-testid="replay-import"
        onChange={(event) => {
          const file = event.target.files?.[0];
          event.target.value = "";
          if (file) read.mutate(file);
        }}
      />
      <Button data-cmd="replay.package.import" disabled={read.isPending} onClick={() => input.current?.click()}>
        {t(read.isPending ? "replay.package.importing" : "replay.package.import")}
      </Button>
      {read.error && (
        <Trouble
          title={t("replay.package.importFailed")}
          code={read.error.code}
          details={read.error.message}
          onRetry={() => input.current?.click()}
        />
      )}
      {metadata && (
        <p data-testid="replay-imported" className="flex flex-wrap items-center gap-2 text-12">
          {t("replay.package.imported", { series: metadata.series_id, ...wordsOf(metadata, formatTime) })}
          <Button data-cmd="replay.package.goTo" onClick={() => onOpen(metadata.series_id, metadata.from_candle_time)}>
            {t("replay.package.goTo")}
          </Button>
        </p>
      )}
    </div>
  );
}

interface TroubleProps {
  title: string;
  /** Code of an answer, or what a job says. */
  code: string;
  /** The server's own sentence. */
  details?: string;
  onRetry?: () => void;
}

/** A failure in the reader's words; those of the server are behind a line. */
function Trouble({ title, code, details, onRetry }: TroubleProps) {
  const t = useT();
  return (
    <div role="alert" data-error-code={code} className="flex max-w-full flex-col items-start gap-1 text-12">
      <p className="font-semibold text-danger">{title}</p>
      <p className="text-text-2">{t(troubleOf(code))}</p>
      <details className="max-w-full text-text-3">
        <summary data-cmd="replay.package.details">{t("common.details")}</summary>
        <p className="font-mono break-words">
          {details && `${details} `}
          {code}
        </p>
      </details>
      {onRetry && <Button onClick={onRetry}>{t("common.retry")}</Button>}
    </div>
  );
}

interface Job {
  readonly status: "building" | "done" | "error";
}

/** Follows a job until it is over, and then looks again. */
function useJob<T extends Job>(onOver: () => void, ask: (jobId: string, signal?: AbortSignal) => Promise<T>) {
  const [id, setId] = useState<string | null>(null);
  const query = useQuery<T, ApiError>({
    queryKey: ["replay-job", id],
    queryFn: async ({ signal }) => {
      const status = await ask(id ?? "", signal);
      if (status.status !== "building") onOver();
      return status;
    },
    enabled: id !== null,
    refetchInterval: ({ state }) => (state.data && state.data.status !== "building" ? false : POLL_MS),
    gcTime: 0,
  });
  const status = id === null ? null : (query.data ?? null);
  return { follow: setId, status, running: id !== null && (status === null || status.status === "building") };
}
