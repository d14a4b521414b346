import { useMutation, useQuery } from "@tanstack/react-query";
import type { ApiError } from "../../api/error";
import type { CoverageStatus, PackageQuery, ReplayApi } from "../../api/replay-api";
import type { Translate } from "../../i18n/catalogue";
import { useT } from "../../i18n/react";
import { Button } from "../../ui/controls/Button";
import { ErrorState } from "../../ui/feedback/States";
import { useStored } from "../../ui/storage/useStored";
import type { ReplayController } from "./controller";

interface FailureCardProps {
  api: ReplayApi;
  controller: ReplayController;
}

/** Bars that are fetched for a series without them. */
const WANTED_BARS = 2_000;
/** Jobs are asked how far they are this often, milliseconds. */
const POLL_MS = 500;
const NO_DATA = 404;
const OUT_OF_SYNC = 409;

/** Why the moment cannot be shown, and what helps. The one card for it. */
export function FailureCard({ api, controller }: FailureCardProps) {
  const t = useT();
  const failure = useStored(controller.picture, (state) => state.failure);
  const retryAtMs = useStored(controller.picture, (state) => state.retryAtMs);
  if (failure === null) return null;
  const query = { series_id: controller.seriesId, to_time: controller.at(), window_candles: WANTED_BARS };
  const again = () => controller.retry();
  return (
    <div
      data-testid="replay-failed"
      className="absolute inset-x-3 top-16 z-20 mx-auto w-[min(440px,calc(100%-24px))] rounded-card border border-line bg-bg-2 shadow-float"
    >
      <ErrorState
        title={t("replay.failed.title")}
        failure={failure}
        text={wordsOf(failure, t)}
        retryAtMs={retryAtMs}
        onRetry={again}
      >
        {failure.status === NO_DATA && <LoadHistory api={api} query={query} onDone={again} />}
        {failure.status === OUT_OF_SYNC && <Prepare api={api} query={query} onDone={again} />}
        <Button data-cmd="replay.leave" onClick={() => controller.leave()}>
          {t("replay.exit")}
        </Button>
      </ErrorState>
    </div>
  );
}

/** In the language of the page; the words of the server stand below. */
function wordsOf({ status }: ApiError, t: Translate): string {
  if (status === NO_DATA) return t("replay.failed.noData");
  return t(status === OUT_OF_SYNC ? "replay.package.behind" : "replay.failed.unknown");
}

interface RemedyProps {
  api: ReplayApi;
  query: PackageQuery;
  onDone: () => void;
}

/** Fetches the candles that are missing, where the server does so. */
function LoadHistory({ api, query, onDone }: RemedyProps) {
  const t = useT();
  const start = useMutation<{ job_id: string }, ApiError>({ mutationFn: () => api.ensureCoverage(query) });
  const job = start.data?.job_id ?? null;
  const status = useQuery<CoverageStatus, ApiError>({
    queryKey: ["replay-job", job],
    queryFn: async ({ signal }) => {
      const answer = await api.coverageStatus(job ?? "", signal);
      if (answer.status !== "building") onDone();
      return answer;
    },
    enabled: job !== null,
    refetchInterval: ({ state }) => (state.data && state.data.status !== "building" ? false : POLL_MS),
    gcTime: 0,
  }).data;
  // A server that does not fetch history has no such route.
  if (start.error?.status === NO_DATA) return null;
  const running = start.isPending || (job !== null && (status === undefined || status.status === "building"));
  const failed = start.error?.message ?? status?.error ?? null;
  const counts = { ready: status?.candles_ready ?? 0, wanted: status?.required_candles ?? WANTED_BARS };
  if (running) {
    return (
      <p role="status" className="text-12 tabular-nums">
        {t("replay.package.covering", counts)}
      </p>
    );
  }
  return (
    <>
      {failed !== null && (
        <details data-testid="replay-not-loaded" className="w-full text-12 text-text-2">
          <summary className="text-danger">{t("replay.failed.notLoaded")}</summary>
          <p className="font-mono break-words">{failed}</p>
        </details>
      )}
      <Button data-cmd="replay.load" onClick={() => start.mutate()}>
        {t("replay.failed.load")}
      </Button>
    </>
  );
}

/** Brings the structures up to the candles. */
function Prepare({ api, query, onDone }: RemedyProps) {
  const t = useT();
  const prepare = useMutation<void, ApiError>({ mutationFn: () => api.prepare(query), onSuccess: onDone });
  return (
    <>
      {prepare.error && <p className="w-full text-12 text-danger">{t("replay.failed.notPrepared")}</p>}
      <Button data-cmd="replay.prepare" disabled={prepare.isPending} onClick={() => prepare.mutate()}>
        {t(prepare.isPending ? "replay.package.preparing" : "replay.package.prepare")}
      </Button>
    </>
  );
}
