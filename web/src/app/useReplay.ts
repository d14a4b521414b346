import { useCallback, useEffect, useMemo } from "react";
import { parseSeriesId, timeframeSeconds } from "../api/series";
import { timeFormat } from "../chart/format/time";
import { listingKey } from "../features/market/universe";
import { useUniverse } from "../features/market/useUniverse";
import type { ReplayLayerProps } from "../features/replay/ReplayLayer";
import type { ReplayPanelProps } from "../features/replay/ReplayPanel";
import { useReplayAvailable } from "../features/replay/useAvailable";
import type { Effective } from "../features/settings/preferences";
import { useStored } from "../ui/storage/useStored";
import type { Control } from "./control";
import { openDialog } from "./dialogs";
import type { Services } from "./services";
import { docksOf, type Mode, type View } from "./view";

/** What the workspace shows of a replay. */
export interface Replaying {
  /** The server offers it. */
  available: boolean;
  /** A moment of the past is on the chart. */
  replaying: boolean;
  formatTime: (time: number) => string;
  /** Absent while live. */
  layer?: Omit<ReplayLayerProps, "host">;
  panel?: ReplayPanelProps;
  /** Begins at a bar; absent where there is no replay. */
  onReplay: ((bar: number) => void) | undefined;
}

interface Asked {
  mode: Mode;
  view: View;
  choice: Effective;
}

/** Binds the replay to address and series. */
export function useReplay(services: Services, control: Control, { mode, view, choice }: Asked): Replaying {
  const { api, replay: slot } = services;
  const available = useReplayAvailable(api.replay, slot, view.s);
  const replaying = useStored(slot, (state) => state.controller !== null);
  const base = useBase(services, view.s);
  const formatTime = useReplayTime(view.s, base, choice);
  const { s, t: at, n: bars } = view;

  // A mode that the server does not have is no mode.
  useEffect(() => {
    if (mode === "replay" && available === false) control.replace({ ...(s && { s }) }, "live");
  }, [mode, available, control, s]);

  const go = useCallback(
    (time: number) => {
      const now = control.view();
      if (now.s !== undefined) control.replace({ s: now.s, t: Math.max(1, time), ...docksOf(now) }, "replay");
    },
    [control],
  );
  const write = useCallback(
    (time: number) => {
      const now = control.view();
      if (control.mode() === "replay" && now.t !== undefined) control.replace({ ...now, t: Math.max(1, time) });
    },
    [control],
  );
  const leave = useCallback(() => control.leaveReplay(), [control]);
  const goTo = useCallback(() => openDialog({ name: "goto" }), []);
  const orders = useCallback(() => control.setTab(control.tab() === "orders" ? null : "orders"), [control]);
  const open = useCallback((series: string, time: number) => control.startReplay(series, time), [control]);
  const pick = useCallback(() => control.pickReplay(), [control]);

  return useMemo(() => {
    const here = { available: available === true, replaying, formatTime };
    if (available !== true || s === undefined) return { ...here, onReplay: undefined };
    const shown: Replaying = {
      ...here,
      onReplay: (bar) => (replaying ? slot.getState().actions?.goTo(bar) : control.startReplay(s, bar)),
    };
    if (mode !== "replay") return shown;
    const known = { slot, seriesId: s, base, formatTime };
    return {
      ...shown,
      layer: {
        ...known,
        ...{ api, at, bars },
        ...{ onPick: go, onPosition: write, onLeave: leave, onGoTo: goTo, onOrders: orders },
      },
      panel: { ...known, api: api.replay, onOpen: open, onPick: pick },
    };
  }, [
    available,
    replaying,
    mode,
    s,
    at,
    bars,
    base,
    api,
    slot,
    control,
    formatTime,
    go,
    write,
    leave,
    goTo,
    orders,
    open,
    pick,
  ]);
}

/** Shortest stored timeframe of the same market that the bars of a series are made of; null: they are the shortest. */
function useBase({ api }: Services, seriesId: string | undefined): string | null {
  const rows = useUniverse(api).data;
  return useMemo(() => {
    const shown = parseSeriesId(seriesId ?? "");
    const seconds = timeframeSeconds(shown?.timeframe ?? "");
    if (!shown || seconds === null || seriesId === undefined) return null;
    let best: { timeframe: string; seconds: number } | null = null;
    for (const row of rows ?? []) {
      const parts = parseSeriesId(row.series_id);
      const length = timeframeSeconds(parts?.timeframe ?? "");
      if (!parts || length === null || row.head_time === null) continue;
      const within = listingKey(row.series_id) === listingKey(seriesId) && length < seconds && seconds % length === 0;
      if (within && (best === null || length < best.seconds)) best = { timeframe: parts.timeframe, seconds: length };
    }
    return best?.timeframe ?? null;
  }, [rows, seriesId]);
}

/** Full times of the past, in the chosen zone. */
function useReplayTime(
  seriesId: string | undefined,
  base: string | null,
  { locale, timeZone }: Effective,
): (time: number) => string {
  return useMemo(() => {
    const timeframe = base ?? parseSeriesId(seriesId ?? "")?.timeframe ?? "1m";
    return timeFormat(locale, timeZone, timeframeSeconds(timeframe) ?? 60).dateTime;
  }, [seriesId, base, locale, timeZone]);
}
