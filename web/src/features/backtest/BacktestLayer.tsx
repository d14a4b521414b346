import { useEffect, useRef } from "react";
import type { Trade } from "../../api/backtest-types";
import type { ApiClient } from "../../api/client";
import { parseSeriesId, timeframeSeconds } from "../../api/series";
import type { OverlayHandle } from "../../chart/overlay";
import type { ChartHost } from "../../chart/types";
import { Known } from "./marks/Known";
import { TradeMarks } from "./marks/overlay";
import { viewOf } from "./marks/view";
import { useRun } from "./runs/useRuns";
import type { BacktestStore } from "./slot";
import { symbolOf } from "./words";

export interface BacktestLayerProps {
  api: ApiClient;
  host: ChartHost;
  slot: BacktestStore;
  /** On the chart. */
  seriesId: string | null;
  run: string | null;
  trade: number | null;
  formatTime: (time: number) => string;
  onTrade: (seriesId: string | null, index: number, place: { at: number; bars: number }) => void;
}

const NO_TRADES: readonly Trade[] = [];

/** The trades of the open run, over the chart of their pair. */
export default function BacktestLayer(props: BacktestLayerProps) {
  const { api, host, slot, seriesId, run, trade, formatTime, onTrade } = props;
  const query = useRun(api.backtest, run);
  const all = query.data?.response?.result?.trades ?? NO_TRADES;
  const timeframe = timeframeSeconds(query.data?.timeframe ?? "") ?? 60;
  const attached = useRef<{ marks: TradeMarks; handle: OverlayHandle } | null>(null);
  const found = all.find(({ index }) => index === trade) ?? null;
  const chosen = useRef<Trade | null>(null);
  chosen.current = found;

  useEffect(() => {
    const here = all.filter((one) => isShownOn(one, seriesId ?? ""));
    const marks = new TradeMarks(here, (picked) => onTrade(seriesId, picked.index, viewOf(picked, timeframe)));
    const handle = host.attach(marks);
    attached.current = { marks, handle };
    const show = () => {
      if (marks.set(chosen.current, slot.getState().pointed)) handle.repaint();
    };
    show();
    const stop = slot.subscribe(show);
    return () => {
      stop();
      handle.detach();
      attached.current = null;
    };
  }, [host, slot, all, seriesId, timeframe, onTrade]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the chosen one changes with the list and the number.
  useEffect(() => {
    const { current } = attached;
    if (current?.marks.set(chosen.current, slot.getState().pointed)) current.handle.repaint();
  }, [slot, all, trade]);
  const covered = useKeptClear(host);
  return (
    <>
      <div
        ref={covered}
        aria-hidden="true"
        className="pointer-events-none invisible absolute bottom-0 w-px"
        style={{ height: "calc(var(--covered, 0px) - var(--tc-time-axis, 28px))" }}
      />
      {found && seriesId !== null && isShownOn(found, seriesId) && (
        <Known {...{ api, host, slot, seriesId, formatTime }} entry={found.openTime} />
      )}
    </>
  );
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

function isShownOn({ pair }: Trade, seriesId: string): boolean {
  return symbolOf(pair) === symbolOf(parseSeriesId(seriesId)?.symbol ?? "");
}
