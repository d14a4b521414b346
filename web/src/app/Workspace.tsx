import { lazy, type ReactNode, Suspense, useCallback, useMemo } from "react";
import { listingKey, parseSeriesId, timeframeSeconds } from "../api/series";
import type { Explanation } from "../chart/explain";
import { timeFormat } from "../chart/format/time";
import type { ChartFormats, ChartHost } from "../chart/types";
import { FactorsPanel } from "../features/factors/FactorsPanel";
import { factorName } from "../features/factors/names";
import { checkOf, toggleFactor } from "../features/factors/tree";
import { useCatalog } from "../features/factors/useCatalog";
import { visibility } from "../features/factors/visibility";
import { healthWord } from "../features/health/HealthPill";
import { OfflineBar } from "../features/health/OfflineBar";
import { type HealthPicture, useHealth } from "../features/health/useHealth";
import { useUniverse } from "../features/market/useUniverse";
import { type Effective, preferences } from "../features/settings/preferences";
import { StageCards } from "../features/stage/Cards";
import { ChartStage } from "../features/stage/ChartStage";
import type { MenuFeature } from "../features/stage/ContextMenu";
import { FirstRun } from "../features/stage/FirstRun";
import { AxisCorner, GoToNow } from "../features/stage/Overlays";
import { objectLines } from "../features/stage/objects";
import { Summary } from "../features/stage/Summary";
import { browserLocale } from "../i18n/locale";
import { useT } from "../i18n/react";
import { Button } from "../ui/controls/Button";
import { retryAt } from "../ui/feedback/retry";
import { EmptyState, ErrorState } from "../ui/feedback/States";
import { Toasts } from "../ui/feedback/Toasts";
import { useStored } from "../ui/storage/useStored";
import { BottomDock } from "./BottomDock";
import { type Control, currentTimeframe } from "./control";
import { Dialogs } from "./Dialogs";
import { openDialog } from "./dialogs";
import { Guarded } from "./Guarded";
import { arrangement, docksFloat, layout, openPanel, openTab } from "./layout";
import { RightDock } from "./RightDock";
import type { Services } from "./services";
import { TopBar } from "./TopBar";
import { useAddress } from "./useAddress";
import { useBacktest } from "./useBacktest";
import { useChart } from "./useChart";
import { type Replaying, useReplay } from "./useReplay";
import { useTitle } from "./useTitle";
import { useWidth } from "./useWidth";
import { type BadValue, type Mode, type PanelName, TABS_OF, type View } from "./view";

/** Not part of the first load: most visits never open it. */
const InspectorPanel = lazy(() => import("../features/inspector/InspectorPanel"));
const DataPanel = lazy(() => import("../features/health/DataPanel"));
const MarketsPanel = lazy(() => import("../features/market/MarketsPanel"));
const ReplayLayer = lazy(() => import("../features/replay/ReplayLayer"));
const ReplayPanel = lazy(() => import("../features/replay/ReplayPanel"));
const PaperPanel = lazy(() => import("../features/replay/paper/PaperPanel"));
const BacktestLayer = lazy(() => import("../features/backtest/BacktestLayer"));
const BacktestPanel = lazy(() => import("../features/backtest/BacktestPanel"));
const LogPanel = lazy(() => import("../features/log/LogPanel"));

interface WorkspaceProps {
  services: Services;
  control: Control;
  mode: Mode;
  view: View;
  bad: BadValue[];
  choice: Effective;
}

/** The one page: top bar, chart, dock, and what floats over them. */
export function Workspace({ services, control, mode, view, bad, choice }: WorkspaceProps) {
  const t = useT();
  const width = useWidth();
  const arranged = arrangement(width);
  const stage = useChart(services, control, choice);
  useAddress(services, control, stage.host, { mode, view, bad });
  useTitle(services, view.s ?? null, choice);
  const health = useHealth(services);
  const word = healthWord(health, t, choice.locale);
  const panel = useStored(layout, (state) => openPanel(state, width));
  const tab = useStored(layout, (state) => openTab(state, view, mode, width));
  const asked = view.p === undefined ? panel : view.p === "none" ? null : view.p;
  // Over the chart there is room for one of them.
  const open = tab !== null && docksFloat(width) ? null : asked;
  const formatTime = useFormat(view.s, choice, services.clock);
  const replay = useReplay(services, control, { mode, view, choice });
  const backtest = useBacktest(services, control, { mode, view, choice, replayable: replay.available, formatTime });
  const modes = useModes(replay.available, backtest.available);

  return (
    <div className="relative flex h-full flex-col overflow-hidden">
      <button
        type="button"
        onClick={() => stage.host?.focus()}
        className="absolute top-1 left-1 z-50 -translate-y-12 rounded-control bg-accent px-3 py-1.5 font-semibold text-on-accent focus:translate-y-0"
      >
        {t("app.skip")}
      </button>
      <TopBar
        services={services}
        control={control}
        health={health}
        mode={mode}
        modes={modes}
        series={view.s ?? null}
        arranged={arranged}
        width={width}
        formatTime={formatTime}
        replayTime={replay.formatTime}
      />
      <div className="relative flex min-h-0 flex-1">
        <main data-region="chart" aria-label={t("app.chart")} className="relative min-h-0 min-w-0 flex-1">
          <Guarded>
            <Stage
              services={services}
              stage={stage}
              choice={choice}
              word={replay.replaying ? t("mode.replay") : word}
              formatTime={formatTime}
              replay={replay}
              mode={mode}
            >
              <Guarded>
                <Suspense fallback={null}>
                  {replay.layer && stage.host && <ReplayLayer {...replay.layer} host={stage.host} />}
                  {backtest.layer && stage.host && <BacktestLayer {...backtest.layer} host={stage.host} />}
                </Suspense>
              </Guarded>
            </Stage>
          </Guarded>
          <OfflineBar socket={services.socket} />
        </main>
        <RightDock control={control} panel={open} arranged={arranged}>
          <Guarded key={open}>
            <OpenPanel
              name={open}
              services={services}
              control={control}
              host={stage.host}
              health={health}
              series={view.s ?? null}
              numberLocale={choice.numberLocale}
              locked={mode === "replay" && view.t !== undefined}
              formatTime={formatTime}
            />
          </Guarded>
        </RightDock>
      </div>
      <BottomDock control={control} tabs={TABS_OF[mode]} tab={tab} arranged={arranged}>
        <Guarded key={tab}>
          <Suspense fallback={null}>
            {tab === "replay" && replay.panel ? (
              <ReplayPanel {...replay.panel} />
            ) : tab === "backtest" && backtest.panel ? (
              <BacktestPanel {...backtest.panel} />
            ) : tab === "orders" && replay.panel ? (
              <PaperPanel
                api={services.api}
                slot={services.replay}
                host={stage.host}
                onPick={replay.panel.onPick}
                onResume={replay.onResume}
              />
            ) : (
              tab === "log" && (
                <LogPanel
                  log={services.log}
                  recorder={services.recorder}
                  timeZone={choice.timeZone}
                  offline={health.facts.connection.downSinceMs !== null}
                />
              )
            )}
          </Suspense>
        </Guarded>
      </BottomDock>
      <Dialogs services={services} control={control} timeZone={choice.timeZone} health={word} />
    </div>
  );
}

/** The modes that the server offers. */
function useModes(replay: boolean, backtest: boolean): readonly Mode[] {
  return useMemo(
    () => ["live" as const, ...(replay ? ["replay" as const] : []), ...(backtest ? ["backtest" as const] : [])],
    [replay, backtest],
  );
}

interface OpenPanelProps {
  name: PanelName | null;
  services: Services;
  control: Control;
  host: ChartHost | null;
  health: HealthPicture;
  series: string | null;
  numberLocale: string;
  /** Prices of now are not to be seen. */
  locked: boolean;
  formatTime: (time: number) => string;
}

function OpenPanel({ name, ...props }: OpenPanelProps) {
  const { services, host, health, series, formatTime } = props;
  switch (name) {
    case "markets":
      return <Markets {...props} />;
    case "inspector":
      return <Inspector services={services} host={host} />;
    case "data":
      return <Data services={services} host={host} health={health} series={series} />;
    default:
      return <FactorsPanel api={services.api} chart={services.chart} formatTime={formatTime} past={props.locked} />;
  }
}

function Markets({ control, host, series, numberLocale, locked }: Omit<OpenPanelProps, "name">) {
  const open = useCallback(
    (key: string, leave: boolean) => {
      control.openSeries(`${key}:${currentTimeframe(control.view())}`);
      if (leave) host?.focus();
    },
    [control, host],
  );
  return (
    <Suspense fallback={null}>
      <MarketsPanel current={series && listingKey(series)} numberLocale={numberLocale} onOpen={open} locked={locked} />
    </Suspense>
  );
}

function Data({ services, host, health, series }: Pick<OpenPanelProps, "services" | "host" | "health" | "series">) {
  const rows = useUniverse(services.api).data;
  const row = rows?.find(({ series_id }) => series_id === series);
  return (
    <Suspense fallback={null}>
      <DataPanel api={services.api} health={health} series={series} live={row?.live ?? null} host={host} />
    </Suspense>
  );
}

function Inspector({ services, host }: { services: Services; host: ChartHost | null }) {
  const t = useT();
  const catalog = useCatalog(services.api).data;
  const factors = useMemo(() => catalog?.factors.map(({ key }) => key), [catalog]);
  const wordsOf = (explanation: Explanation, formats: ChartFormats) => objectLines(explanation, formats, t);
  return (
    <Suspense fallback={null}>
      <InspectorPanel api={services.api} chart={services.chart} host={host} factors={factors} wordsOf={wordsOf} />
    </Suspense>
  );
}

interface StageProps {
  services: Services;
  stage: ReturnType<typeof useChart>;
  choice: Effective;
  word: string;
  formatTime: (time: number) => string;
  replay: Replaying;
  mode: Mode;
  /** What the mode lays over the chart. It stands where the sizes of the chart's axes are known. */
  children: ReactNode;
}

function Stage({ services, stage, choice, word, formatTime, replay, mode, children }: StageProps) {
  const { chart } = services;
  const { host } = stage;
  const search = useCallback(() => openDialog({ name: "symbol", initial: "" }), []);
  return (
    <ChartStage
      create={stage.create}
      onHost={stage.onHost}
      host={host}
      features={useMenuFeatures(services)}
      onReplay={replay.onReplay}
    >
      <StageCards {...{ chart, host, formatTime }} api={services.api} onSearch={search} past={replay.replaying} />
      <NoSeries services={services} onSearch={search} />
      <GoToNow chart={chart} host={host} replaying={replay.replaying} />
      <Toasts />
      <AxisCorner chart={chart} host={host} onZone={() => openDialog({ name: "settings" })} />
      {/* The other modes have controls of their own where it lies. */}
      {mode === "live" && (
        <FirstRun
          askDirection={browserLocale() === "zh-CN"}
          onDirection={(redUp) => preferences.setState({ direction: redUp ? "red-up" : "green-up" })}
        />
      )}
      <Summary chart={chart} host={host} health={word} key={choice.locale} />
      {children}
    </ChartStage>
  );
}

/** The server knows no series at all, or its list cannot be read: there is nothing to ask the chart for. */
function NoSeries({ services, onSearch }: { services: Services; onSearch: () => void }) {
  const t = useT();
  const universe = useUniverse(services.api);
  const asked = useStored(services.chart, (state) => state?.requested ?? null);
  if (asked !== null) return null;
  const card =
    "absolute top-16 left-1/2 z-10 w-[min(440px,calc(100%-24px))] -translate-x-1/2 rounded-card border border-line bg-bg-2";
  if (universe.isError) {
    return (
      <div className={card}>
        <ErrorState
          title={t("symbol.error")}
          failure={universe.error}
          retryAtMs={retryAt(universe)}
          onRetry={() => universe.refetch()}
        />
      </div>
    );
  }
  if (universe.data?.length !== 0) return null;
  return (
    <div data-testid="no-series" className={card}>
      <EmptyState icon="empty" title={t("symbol.empty.title")} text={t("symbol.empty.text")}>
        <Button onClick={onSearch}>{t("cmd.symbol.search")}</Button>
      </EmptyState>
    </div>
  );
}

function useMenuFeatures(services: Services): MenuFeature[] {
  const t = useT();
  const catalog = useCatalog(services.api).data;
  const visible = useStored(visibility, (state) => state);
  return useMemo(
    () =>
      (catalog?.factors ?? []).map((factor) => ({
        key: factor.key,
        name: factorName(factor.key, factor.label, t),
        shown: checkOf(visible, factor) !== "off",
        // "Hide" must hide, also from the mixed state.
        toggle: () => {
          const now = visibility.getState();
          const next = toggleFactor(now, factor);
          const hide = checkOf(now, factor) !== "off";
          visibility.setState(hide ? { ...now, off: [...new Set([...now.off, factor.key])] } : next);
        },
      })),
    [catalog, visible, t],
  );
}

/** Times of the series on screen in the chosen zone; those of today without their date. */
function useFormat(series: string | undefined, choice: Effective, clock: Services["clock"]): (time: number) => string {
  const { locale, timeZone } = choice;
  return useMemo(() => {
    const timeframe = series === undefined ? null : (parseSeriesId(series)?.timeframe ?? null);
    const format = timeFormat(locale, timeZone, (timeframe && timeframeSeconds(timeframe)) || 60);
    return (time) => {
      const nowMs = clock.nowMs();
      const today = nowMs !== null && format.date(time) === format.date(nowMs / 1_000);
      return today && format.dateTime(time) !== format.date(time) ? format.clock(time) : format.dateTime(time);
    };
  }, [series, locale, timeZone, clock]);
}
