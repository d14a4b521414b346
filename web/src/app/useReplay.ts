import { useCallback, useEffect, useMemo } from "react";
import { listingKey, timeframeSeconds } from "../api/series";
import { timeFormat } from "../chart/format/time";
import { useUniverse } from "../features/market/useUniverse";
import { replayChoices } from "../features/replay/choices";
import type { PaperSession } from "../features/replay/paper/session";
import {
  baseOf,
  clockIsPlain,
  clockOf,
  endingWith,
  knownUntil,
  type Passed,
  playedOf,
  readPassed,
  timeframeOf,
  writePassed,
} from "../features/replay/passed";
import type { ReplayLayerProps } from "../features/replay/ReplayLayer";
import type { ReplayPanelProps } from "../features/replay/ReplayPanel";
import type { ReplayStore } from "../features/replay/slot";
import { useReplayAvailable } from "../features/replay/useAvailable";
import type { Effective } from "../features/settings/preferences";
import { useStored } from "../ui/storage/useStored";
import type { Control } from "./control";
import { closeDialog, layers, openDialog } from "./dialogs";
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
  /** Stands where a paper session ended. */
  onResume?: (end: SessionEnd) => void;
  /** Begins at a bar; absent where there is no replay. */
  onReplay: ((bar: number) => void) | undefined;
}

type SessionEnd = Pick<PaperSession, "series" | "to">;

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
  const { s, t: at, c, n: bars } = view;
  const { base, clock, played } = useClocks(services, view);
  const formatTime = useReplayTime(s, clock ?? base, choice);

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
    (passed: Passed) => {
      const now = control.view();
      if (control.mode() === "replay" && now.t !== undefined) control.replace({ ...now, ...writePassed(passed) });
    },
    [control],
  );
  const step = useCallback((timeframe: string | null) => stepBy(slot, timeframe, write), [slot, write]);
  const leave = useCallback(() => control.leaveReplay(), [control]);
  const goTo = useCallback(() => openDialog({ name: "goto" }), []);
  const orders = useCallback(() => control.setTab(control.tab() === "orders" ? null : "orders"), [control]);
  const open = useCallback((series: string, time: number) => control.startReplay(series, time), [control]);
  const pick = useCallback(() => control.pickReplay(), [control]);
  const resume = useCallback((passed: SessionEnd) => goOnAt(control, passed), [control]);
  useAsked(mode);

  return useMemo(() => {
    const here = { available: available === true, replaying, formatTime };
    if (available !== true || s === undefined) return { ...here, onReplay: undefined };
    const shown: Replaying = {
      ...here,
      onReplay: (bar) => (replaying ? slot.getState().actions?.goTo(bar) : control.startReplay(s, bar)),
    };
    if (mode !== "replay") return shown;
    const known = { slot, seriesId: s, formatTime };
    return {
      ...shown,
      layer: {
        ...known,
        ...{ api, bars, clock, played },
        passed: at === undefined ? undefined : readPassed(s, { t: at, c }),
        exact: c !== undefined,
        ...{ onPick: go, onPosition: write, onLeave: leave, onGoTo: goTo, onOrders: orders },
      },
      panel: { ...known, base, clock: clock ?? null, api: api.replay, onStep: step, onOpen: open, onPick: pick },
      onResume: resume,
    };
  }, [
    available,
    replaying,
    mode,
    s,
    at,
    c,
    bars,
    base,
    clock,
    played,
    api,
    slot,
    control,
    formatTime,
    go,
    write,
    leave,
    goTo,
    orders,
    step,
    open,
    pick,
    resume,
  ]);
}

interface Clocks {
  /** Shortest stored timeframe that the bars are made of; null: they are the shortest. */
  base: string | null;
  /** Timeframe whose candles move the time; null: the bars do; undefined: the list of series is on its way. */
  clock: string | null | undefined;
  /** The series whose candles a paper account plays. */
  played: string;
}

function useClocks({ api }: Services, { s, t, c }: View): Clocks {
  const { data: rows, isPending } = useUniverse(api);
  const byClock = useStored(replayChoices, (state) => state.byClock);
  return useMemo(() => {
    if (s === undefined) return { base: null, clock: null, played: "" };
    const base = baseOf(s, rows ?? []);
    const played = t === undefined ? s : playedOf(s, { t, c }, rows ?? []);
    if (t === undefined || clockIsPlain(s, c, byClock)) return { base, clock: null, played };
    return { base, played, clock: isPending ? undefined : clockOf(s, { t, c }, rows ?? [], byClock) };
  }, [rows, isPending, s, t, c, byClock]);
}

/** Stands where a session of paper trading ended: in the timeframe on the screen if the market is the same. */
function goOnAt(control: Control, { series, to }: SessionEnd): void {
  const { s, ...docks } = control.view();
  const here = s !== undefined && listingKey(s) === listingKey(series) ? s : series;
  const place = writePassed({ time: to, timeframe: timeframeOf(series) });
  control.push({ s: here, ...place, ...docksOf(docks) }, "replay");
}

/** Back can leave a replay while somebody is asked about it. */
function useAsked(mode: Mode): void {
  useEffect(() => {
    if (mode !== "replay" && layers.getState().dialog?.name === "leave") closeDialog();
  }, [mode]);
}

/** Moves the time by the candles of a shorter timeframe from here on; null: by bars, from the last one that is complete. */
function stepBy(slot: ReplayStore, timeframe: string | null, write: (passed: Passed) => void): void {
  replayChoices.setState({ byClock: timeframe !== null });
  const { controller } = slot.getState();
  if (controller === null) return;
  const standing = controller.standing();
  if (timeframe !== null) {
    write(endingWith(standing, timeframe));
    return;
  }
  const shown = timeframeOf(controller.seriesId);
  const bar = controller.newest();
  const whole = bar && { time: bar.candle_time, timeframe: shown };
  write(whole && knownUntil(whole) <= knownUntil(standing) ? whole : endingWith(standing, shown));
}

/** Full times of the past, in the chosen zone. */
function useReplayTime(
  seriesId: string | undefined,
  clock: string | null,
  { locale, timeZone }: Effective,
): (time: number) => string {
  return useMemo(() => {
    const timeframe = clock ?? timeframeOf(seriesId ?? "");
    return timeFormat(locale, timeZone, timeframeSeconds(timeframe) ?? 60).dateTime;
  }, [seriesId, clock, locale, timeZone]);
}
