import { type ReactNode, useCallback, useMemo, useState, useSyncExternalStore } from "react";
import type { StoreApi } from "zustand/vanilla";
import type { BacktestRun, RunOrder, StrategySpec, Trade, Venue } from "../../api/backtest-types";
import type { ApiClient } from "../../api/client";
import { ApiError } from "../../api/error";
import { parseSeriesId, timeframeSeconds } from "../../api/series";
import type { SeriesRow } from "../../api/types";
import type { ChartState } from "../../chart/types";
import type { Translate } from "../../i18n/catalogue";
import { useT } from "../../i18n/react";
import { Segmented } from "../../ui/controls/Choice";
import { failureText } from "../../ui/feedback/failures";
import { EmptyState, ErrorState } from "../../ui/feedback/States";
import { dismissToast, toast, toasts } from "../../ui/feedback/toasts";
import { useStored } from "../../ui/storage/useStored";
import { backtestForm, venueOf } from "./form/form";
import { RunForm } from "./form/RunForm";
import { followed, refilled } from "./form/refill";
import { useEngines } from "./form/useEngines";
import { seriesOf, viewOf } from "./marks/view";
import { CompareView } from "./results/CompareView";
import { MOST_COMPARED } from "./results/compare";
import { RawOutput } from "./results/RawOutput";
import { RunView } from "./results/RunView";
import { canBeChecked, deleteLater, startRun, tick } from "./runs/actions";
import { Refusal } from "./runs/Refusal";
import { RunList } from "./runs/RunList";
import { useChecked, useRefreshRuns, useRun, useRuns, useWholeRuns } from "./runs/useRuns";
import type { BacktestStore } from "./slot";
import { useFormats } from "./useFormats";
import { useMarket } from "./useMarket";
import { useOffer } from "./useOffer";
import { symbolOf } from "./words";

export interface BacktestPanelProps {
  api: ApiClient;
  slot: BacktestStore;
  chart: StoreApi<ChartState | null>;
  /** Everything that is stored. */
  series: readonly SeriesRow[];
  /** On the chart. */
  seriesId: string | null;
  timeZone: string;
  /** Of the address. */
  run: string | null;
  compared: readonly string[];
  trade: number | null;
  onRun: (id: string | null) => void;
  onCompare: (ids: readonly string[]) => void;
  /** Shows a trade on the chart. */
  onTrade: (seriesId: string | null, index: number, place: { at: number; bars: number }) => void;
  onGoTo: (time: number) => void;
  /** Absent where there is no replay. */
  onReplay?: ((seriesId: string, time: number) => void) | undefined;
}

/** The backtest workspace: what to run, what ran, and what came of it. */
export default function BacktestPanel(props: BacktestPanelProps) {
  const { api, slot, run: runId, compared, onRun } = props;
  const t = useT();
  const narrow = useNarrow();
  const [tab, setTab] = useState<"form" | "results">(runId === null ? "form" : "results");
  const runs = useRuns(api.backtest, slot);
  const refresh = useRefreshRuns();
  const start = useCallback(
    (order: RunOrder) => {
      setTab("results");
      void startRun(api.backtest, slot, order, (id) => {
        refresh();
        onRun(id);
      });
    },
    [api, slot, refresh, onRun],
  );
  const form = <Form {...props} onStart={start} />;
  const results = (
    <Results {...props} runs={runs.data ?? []} onOlder={runs.more} onStart={start} onForm={() => setTab("form")} />
  );
  const failed = runs.error && (
    <ErrorState title={t("backtest.runs.failed")} failure={runs.error} onRetry={runs.refetch} />
  );
  return (
    <div
      data-panel="backtest"
      data-state={
        runs.error ? "error" : runs.data === undefined ? "loading" : runs.data.length === 0 ? "empty" : "ready"
      }
      data-rows={runs.data?.length ?? 0}
      data-compared={compared.length}
      {...(runs.error && { "data-error-code": runs.error.code, "data-request-id": runs.error.requestId })}
      className="flex min-h-0 flex-1 flex-col"
    >
      {narrow ? (
        <>
          <div className="border-b border-line px-2 py-1">
            <Segmented
              label={t("backtest.title")}
              value={tab}
              options={(["form", "results"] as const).map((value) => ({ value, label: t(`backtest.tab.${value}`) }))}
              onChange={setTab}
            />
          </div>
          <div className="min-h-0 flex-1 overflow-y-auto">{tab === "form" ? form : failed || results}</div>
        </>
      ) : (
        <div className="grid min-h-0 flex-1 grid-cols-[300px_minmax(0,1fr)]">
          <div className="min-h-0 overflow-y-auto border-r border-line [scrollbar-gutter:stable]">{form}</div>
          {failed || results}
        </div>
      )}
    </div>
  );
}

type Start = (order: RunOrder) => void;

function Form({ api, slot, chart, series, seriesId, onStart }: BacktestPanelProps & { onStart: Start }) {
  const engines = useEngines(api.backtest);
  const visible = useStored(chart, (state) => state?.visible ?? null);
  const shown = useMemo(() => shownOn(seriesId), [seriesId]);
  const newest = series.find(({ series_id }) => series_id === seriesId)?.head_time ?? Math.floor(Date.now() / 1_000);
  const storedTimeframes = useCallback(
    (pair: string, venue: Venue | null) => timeframesOf(series, pair, venue),
    [series],
  );
  return (
    <RunForm
      {...{ slot, engines, chart: shown, storedTimeframes, newest, visible, onRun: onStart }}
      api={api.backtest}
    />
  );
}

/** Pair, venue and timeframe of the chart. */
function shownOn(seriesId: string | null) {
  const parts = parseSeriesId(seriesId ?? "");
  return parts && { pair: symbolOf(parts.symbol), timeframe: parts.timeframe, venue: venueOf(parts) };
}

/** Of a pair, at one venue or at all of them. */
function timeframesOf(series: readonly SeriesRow[], pair: string, venue: Venue | null): readonly string[] {
  return series.flatMap(({ series_id, head_time }) => {
    const parts = parseSeriesId(series_id);
    const there = venue === null || (parts?.exchange === venue.exchange && parts.market === venue.market);
    return parts && there && head_time !== null && symbolOf(parts.symbol) === symbolOf(pair) ? [parts.timeframe] : [];
  });
}

interface ResultsProps extends BacktestPanelProps {
  runs: readonly BacktestRun[];
  onOlder: (() => void) | null;
  onStart: Start;
  onForm: () => void;
}

/** The list of runs, and beside it the open one or those that are compared. */
function Results(props: ResultsProps) {
  const { api, slot, runs, seriesId, timeZone, run: runId, compared, onRun, onCompare, onStart, onOlder } = props;
  const t = useT();
  const { formatMoment } = useFormats("1m", timeZone);
  const starting = useStored(slot, (state) => state.starting);
  const refused = useStored(slot, (state) => state.refused);
  const answer = useStored(slot, (state) => state.answer);
  const ticked = useStored(slot, (state) => state.ticked);
  const cancel = useCancel(props);
  const remove = useRemove(props);
  useOffer(slot, "compare", ticked.length > 1 ? () => onCompare(ticked) : null);
  const open = (id: string) => {
    slot.setState({ answer: null });
    onRun(id);
  };
  return (
    <div className="grid min-h-0 grid-cols-[clamp(208px,22%,240px)_minmax(0,1fr)] max-[819px]:grid-cols-1">
      <div className="flex min-h-0 flex-col border-line min-[820px]:border-r max-[819px]:max-h-48 max-[819px]:border-b">
        <RunList
          {...{ runs, starting, ticked, onOlder }}
          open={answer ? null : runId}
          formatTime={formatMoment}
          onOpen={open}
          onTick={(id) => tick(slot, id, MOST_COMPARED)}
          onCancel={cancel}
          onDelete={remove}
          onCompare={() => onCompare(ticked)}
        />
      </div>
      <div
        data-testid="backtest-results"
        className="@container min-h-0 overflow-y-auto max-[819px]:overflow-y-visible [scrollbar-gutter:stable]"
      >
        {refused && (
          <Refusal
            {...refused}
            running={runs.find(({ state }) => state === "running") ?? null}
            onRetry={onStart}
            onTimeframe={(timeframe) => {
              // In the form as well: the next run from there must not be refused again.
              backtestForm.setState(followed({ timeframe }, shownOn(seriesId)));
              onStart({ ...refused.order, timeframe });
            }}
            onClose={() => slot.setState({ refused: null })}
          />
        )}
        {answer ? (
          <Answered answer={answer} />
        ) : compared.length > 0 && runId !== null ? (
          <Compared {...props} ids={[runId, ...compared]} onOpen={open} />
        ) : runId !== null ? (
          <Opened {...props} api={api} id={runId} onCancelRun={cancel} />
        ) : (
          !refused &&
          !starting && <EmptyState icon="empty" title={t("backtest.empty")} text={t("backtest.empty.text")} />
        )}
      </div>
    </div>
  );
}

function useCancel({ api }: BacktestPanelProps): (id: string) => void {
  const t = useT();
  const refresh = useRefreshRuns();
  return (id) =>
    void api.backtest
      .cancel(id)
      .catch(() => toast({ code: "backtest_cancel", tone: "error", text: t("backtest.cancel.failed") }))
      .finally(refresh);
}

function useRemove({ api, slot, run, compared, onRun, onCompare }: BacktestPanelProps): (gone: BacktestRun) => void {
  const t = useT();
  const refresh = useRefreshRuns();
  return (gone) => {
    const code = `backtest_deleted:${gone.id}`;
    const undo = deleteLater(api.backtest, slot, gone.id, (failure) => {
      // What cannot be undone any more must not offer it.
      const notice = toasts.getState().list.find((one) => one.code === code);
      if (notice) dismissToast(notice.id);
      if (failure) toast({ code: "backtest_delete", tone: "error", text: t("backtest.delete.failed") });
      refresh();
    });
    if (run === gone.id) onRun(null);
    else if (compared.includes(gone.id)) onCompare([]);
    toast({
      code,
      text: t("backtest.deleted", { strategy: gone.strategy, pair: gone.pair }),
      action: { label: t("backtest.undo"), run: undo },
    });
  };
}

function Answered({ answer }: { answer: NonNullable<ReturnType<BacktestStore["getState"]>["answer"]> }) {
  const t = useT();
  const { order, response } = answer;
  return (
    <article data-testid="backtest-answer" className="py-2">
      <h3 className="px-3 text-15 font-semibold">{order.strategy}</h3>
      <p className="px-3 py-1 text-text-2">{t("backtest.answer.text")}</p>
      <RawOutput response={response} open />
    </article>
  );
}

function Opened({
  id,
  onCancelRun,
  onForm,
  ...props
}: ResultsProps & { id: string; onCancelRun: (id: string) => void }) {
  const { api, slot, runs, chart, series, seriesId, timeZone, trade, onTrade, onGoTo, onReplay } = props;
  const t = useT();
  const query = useRun(api.backtest, id);
  const refresh = useRefreshRuns();
  const run = query.data;
  const listed = runs.find((one) => one.id === id);
  useChecked(listed, run);
  const check = () => checkBias(props, id, refresh, t);
  useOffer(slot, "checkBias", run && canBeChecked(run, listed ?? run) ? check : null);
  const { formatTime, formatDate, monthNames } = useFormats(run?.timeframe ?? "1m", timeZone);
  const hovered = useStored(chart, (state) => state?.hover?.time ?? null);
  const unstored = useStored(slot, (state) => state.unstored);
  const result = run?.response?.result ?? null;
  const shownSeries = run ? seriesOf(run, null, seriesId, series) : null;
  const market = useMarket(api.replay, shownSeries, result);
  const timeframe = timeframeSeconds(run?.timeframe ?? "") ?? 60;
  const select = useCallback(
    (one: Trade) => {
      onTrade(run ? seriesOf(run, one.pair, seriesId, series) : null, one.index, viewOf(one, timeframe));
    },
    [run, seriesId, series, timeframe, onTrade],
  );
  const replayed = (one: Trade) => {
    const at = run ? seriesOf(run, one.pair, seriesId, series) : null;
    if (at) onReplay?.(at, one.openTime);
  };
  const chosenPair = result?.trades.find(({ index }) => index === trade)?.pair ?? null;
  const chosenSeries = run ? seriesOf(run, chosenPair, seriesId, series) : null;
  if (query.isError)
    return <ErrorState title={t("backtest.run.failed")} failure={query.error} onRetry={() => void query.refetch()} />;
  if (!run) return <Waiting>{t("backtest.run.loading")}</Waiting>;
  const refill = (params: Readonly<Record<string, number>>) => {
    backtestForm.setState(refilled(backtestForm.getState(), run, params, shownOn(seriesId)));
    onForm();
  };
  return (
    <RunView
      {...{ slot, run, market, hovered, timeframe, monthNames, formatTime, formatDate }}
      standing={listed ?? run}
      selected={trade}
      unstored={unstored !== null && unstored === chosenSeries}
      onPick={onGoTo}
      onTrade={select}
      onReplay={onReplay && shownSeries !== null ? replayed : undefined}
      onCheck={check}
      onCancel={() => onCancelRun(id)}
      onAgain={() => refill({})}
      onUse={(params) => {
        refill(params);
        toast({ code: "backtest_params", text: t("backtest.sweep.used") });
      }}
    />
  );
}

function checkBias({ api }: BacktestPanelProps, id: string, refresh: () => void, t: Translate): void {
  api.backtest.checkBias(id).then(refresh, (cause) => {
    const reason = cause instanceof ApiError ? ` ${failureText(cause, t)}` : "";
    toast({ code: "backtest_bias", tone: "error", text: t("backtest.bias.failed") + reason });
  });
}

const NO_SPECS: readonly StrategySpec[] = [];

function Compared({ ids, onOpen, ...props }: ResultsProps & { ids: readonly string[]; onOpen: (id: string) => void }) {
  const { api, slot, timeZone, onCompare, onGoTo } = props;
  const t = useT();
  const { runs, failure, retry } = useWholeRuns(api.backtest, ids);
  const specs = useEngines(api.backtest).choices.find(({ name }) => name === "native")?.list?.specs ?? NO_SPECS;
  const { formatTime, formatDate } = useFormats(runs[0]?.timeframe ?? "1m", timeZone);
  if (failure) return <ErrorState title={t("backtest.run.failed")} failure={failure} onRetry={retry} />;
  if (runs.length < ids.length) return <Waiting>{t("backtest.run.loading")}</Waiting>;
  return (
    <CompareView
      {...{ slot, runs, specs, formatTime, formatDate, onOpen }}
      onClose={() => onCompare([])}
      onPick={onGoTo}
    />
  );
}

function Waiting({ children }: { children: ReactNode }) {
  return (
    <p role="status" className="p-4 text-text-2">
      {children}
    </p>
  );
}

const NARROW = "(width < 820px)";

function subscribe(onChange: () => void): () => void {
  const query = matchMedia(NARROW);
  query.addEventListener("change", onChange);
  return () => query.removeEventListener("change", onChange);
}

function useNarrow(): boolean {
  return useSyncExternalStore(subscribe, () => matchMedia(NARROW).matches);
}
