import { useCallback, useEffect, useMemo } from "react";
import type { BacktestLayerProps } from "../features/backtest/BacktestLayer";
import type { BacktestPanelProps } from "../features/backtest/BacktestPanel";
import { useBacktestAvailable } from "../features/backtest/useAvailable";
import { useUniverse } from "../features/market/useUniverse";
import type { Effective } from "../features/settings/preferences";
import type { Control } from "./control";
import type { Services } from "./services";
import type { Mode, View } from "./view";

/** What the workspace shows of backtests. */
export interface Backtesting {
  /** The server offers them. */
  available: boolean;
  /** Absent in other modes. */
  panel?: BacktestPanelProps;
  layer?: Omit<BacktestLayerProps, "host">;
}

interface Asked {
  mode: Mode;
  view: View;
  choice: Effective;
  /** The past can be replayed. */
  replayable: boolean;
  formatTime: (time: number) => string;
}

const NONE: BacktestPanelProps["series"] = [];

/** Binds backtests to address and series. */
export function useBacktest(
  services: Services,
  control: Control,
  { mode, view, choice, replayable, formatTime }: Asked,
): Backtesting {
  const { api, backtest: slot, chart, host } = services;
  const available = useBacktestAvailable(api.backtest, slot);
  const series = useUniverse(api).data ?? NONE;
  const { s, run, cmp, trade } = view;
  const isPlaced = view.t !== undefined;
  const { timeZone } = choice;

  // A mode that the server does not have is no mode.
  useEffect(() => {
    if (mode === "backtest" && available === false) control.replace({ ...(s && { s }) }, "live");
  }, [mode, available, control, s]);

  useEffect(() => {
    if (mode === "backtest") slot.setState({ left: view });
  }, [mode, slot, view]);

  const onRun = useCallback((id: string | null) => control.openRun(id), [control]);
  const onCompare = useCallback(
    (ids: readonly string[]) => {
      const [first = control.view().run ?? null, ...others] = ids;
      control.openRun(first, others);
    },
    [control],
  );
  const onTrade = useCallback(
    (series: string | null, index: number, place: { at: number; bars: number }) =>
      control.openTrade(index, series === null ? null : { series, ...place }),
    [control],
  );
  const onPlace = useCallback((place: { at: number; bars: number }) => control.placeTrade(place), [control]);
  const onGoTo = useCallback((time: number) => void host.getState().current?.goTo(time), [host]);
  const onReplay = useCallback((at: string, time: number) => control.startReplay(at, time), [control]);

  return useMemo(() => {
    if (available !== true || mode !== "backtest") return { available: available === true };
    const known = { slot, series, seriesId: s ?? null, run: run ?? null, trade: trade ?? null, onTrade };
    return {
      available: true,
      layer: { ...known, api, isPlaced, formatTime, onPlace },
      panel: {
        ...known,
        ...{ api, chart, timeZone, onRun, onCompare, onGoTo },
        compared: cmp === undefined ? [] : cmp.split(","),
        onReplay: replayable ? onReplay : undefined,
      },
    };
  }, [
    available,
    mode,
    s,
    run,
    cmp,
    trade,
    isPlaced,
    api,
    slot,
    chart,
    series,
    timeZone,
    replayable,
    formatTime,
    onRun,
    onCompare,
    onTrade,
    onPlace,
    onGoTo,
    onReplay,
  ]);
}
