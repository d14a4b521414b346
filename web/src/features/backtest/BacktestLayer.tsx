import { useEffect, useMemo, useRef } from "react";
import type { BacktestRun, Trade } from "../../api/backtest-types";
import type { ApiClient } from "../../api/client";
import { timeframeSeconds } from "../../api/series";
import type { SeriesRow } from "../../api/types";
import type { ChartHost } from "../../chart/types";
import { useT } from "../../i18n/react";
import { Known } from "./marks/Known";
import { TradeMarks } from "./marks/overlay";
import { isSameMarket, seriesOf, viewOf } from "./marks/view";
import { useRun } from "./runs/useRuns";
import type { BacktestStore } from "./slot";

/** Right edge, seconds, and number of bars. */
interface Place {
  readonly at: number;
  readonly bars: number;
}

export interface BacktestLayerProps {
  api: ApiClient;
  host: ChartHost;
  slot: BacktestStore;
  /** Everything that is stored. */
  series: readonly SeriesRow[];
  /** On the chart. */
  seriesId: string | null;
  run: string | null;
  trade: number | null;
  /** The address names a place for the chart. */
  isPlaced: boolean;
  formatTime: (time: number) => string;
  onTrade: (seriesId: string | null, index: number, place: Place) => void;
  /** Brings the chart to the trade of the address, as it stands there. */
  onPlace: (place: Place) => void;
}

const NO_TRADES: readonly Trade[] = [];

/** The trades of the open run, over the chart of their pair. */
export default function BacktestLayer(props: BacktestLayerProps) {
  const { api, host, slot, series, seriesId, run, trade, formatTime, onTrade } = props;
  const query = useRun(api.backtest, run);
  const all = query.data?.response?.result?.trades ?? NO_TRADES;
  const here = useHere(query.data, series, seriesId);
  const timeframe = timeframeSeconds(query.data?.timeframe ?? "") ?? 60;
  const t = useT();
  const attached = useRef<(() => void) | null>(null);
  const found = all.find(({ index }) => index === trade) ?? null;
  const chosen = useRef<Trade | null>(null);
  chosen.current = found;

  useEffect(() => {
    const pick = (picked: Trade) => onTrade(seriesId, picked.index, viewOf(picked, timeframe));
    const marks = new TradeMarks(here, pick, (price) =>
      t("backtest.mark.stop", { price: host.formats().price(price) }),
    );
    const handle = host.attach(marks);
    const show = () => {
      const before = marks.prices();
      const chosenHere = chosen.current && here.includes(chosen.current) ? chosen.current : null;
      if (!marks.set(chosenHere, slot.getState().pointed)) return;
      const range = marks.prices();
      if (range?.low !== before?.low || range?.high !== before?.high) handle.keepPrices(range);
      handle.repaint();
    };
    attached.current = show;
    show();
    const stop = slot.subscribe(show);
    return () => {
      stop();
      handle.detach();
      attached.current = null;
    };
  }, [host, slot, here, seriesId, timeframe, onTrade, t]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the chosen one changes with the list and the number.
  useEffect(() => {
    attached.current?.();
  }, [slot, all, trade]);
  useLinked(props, found !== null && here.includes(found) ? viewOf(found, timeframe) : null);
  const covered = useKeptClear(host);
  return (
    <>
      <div
        ref={covered}
        aria-hidden="true"
        className="pointer-events-none invisible absolute bottom-0 w-px"
        style={{ height: "calc(var(--covered, 0px) - var(--tc-time-axis, 28px))" }}
      />
      {found && seriesId !== null && here.includes(found) && (
        <Known {...{ api, host, slot, seriesId, formatTime }} entry={found.openTime} />
      )}
    </>
  );
}

/** A trade that was come to by its address alone is gone to, once; where the chart goes afterwards is its own affair. */
function useLinked({ run, trade, isPlaced, onPlace }: BacktestLayerProps, place: Place | null): void {
  const gone = useRef<string | null>(null);
  useEffect(() => {
    const key = `${run} ${trade}`;
    if (trade === null) gone.current = null;
    else if (isPlaced) gone.current = key;
    else if (place !== null && gone.current !== key) {
      gone.current = key;
      onPlace(place);
    }
  }, [run, trade, isPlaced, place, onPlace]);
}

/** Where the dock lies over the chart, bars keep off what is covered: the trades are what the chart is there for. */
function useKeptClear(host: ChartHost) {
  const covered = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const node = covered.current;
    if (!node) return;
    const handle = host.attach({});
    const watch = new ResizeObserver(() => handle.setInset(node.offsetHeight));
    watch.observe(node);
    return () => {
      watch.disconnect();
      handle.setInset(0);
      handle.detach();
    };
  }, [host]);
  return covered;
}

/** The trades of a run that belong on the chart: those of its market. */
function useHere(run: BacktestRun | undefined, series: readonly SeriesRow[], seriesId: string | null) {
  const trades = run?.response?.result?.trades ?? NO_TRADES;
  const pairs = useMemo(() => {
    const all = [...new Set(trades.map(({ pair }) => pair))];
    return run ? all.filter((pair) => isSameMarket(seriesOf(run, pair, seriesId, series), seriesId)).join(" ") : "";
  }, [run, trades, series, seriesId]);
  // Lists of series come and go, and mostly they say the same.
  return useMemo(() => {
    const shown = new Set(pairs.split(" "));
    return trades.filter(({ pair }) => shown.has(pair));
  }, [trades, pairs]);
}
