import { useEffect, useRef } from "react";
import type { StoreApi } from "zustand/vanilla";
import type { ChartHost, ChartState } from "../chart/types";
import { firstSeries } from "../features/market/universe";
import { useUniverse } from "../features/market/useUniverse";
import { useT } from "../i18n/react";
import { toast } from "../ui/feedback/toasts";
import type { Control } from "./control";
import { layout } from "./layout";
import type { Services } from "./services";
import { type BadValue, docksOf, type Mode, runOf, type View } from "./view";

const WRITE_EVERY_MS = 1_000;

/** What the address asks for. */
interface Asked {
  mode: Mode;
  view: View;
  bad: BadValue[];
}

/** The address says what the chart shows, and the chart says what the address holds. */
export function useAddress(services: Services, control: Control, host: ChartHost | null, { mode, view, bad }: Asked) {
  useBadValues(bad);
  useFirstSeries(services, control, view);
  const written = useOpen(services, host, mode, view);
  useWriteBack(services.chart, control, written);
}

/** One toast per value that cannot be used. */
function useBadValues(bad: readonly BadValue[]): void {
  const t = useT();
  const told = useRef(new Set<string>());
  useEffect(() => {
    for (const { name, value } of bad) {
      const key = `${name}=${value}`;
      if (told.current.has(key)) continue;
      told.current.add(key);
      toast({ code: "bad_url", tone: "error", text: t("toast.badUrl", { name, value }) });
    }
  }, [bad, t]);
}

/** Without a series in the address: the one of the last visit if it is still there, else the best there is. */
function useFirstSeries(services: Services, control: Control, view: View): void {
  const universe = useUniverse(services.api);
  const missing = view.s === undefined;
  const rows = universe.data;
  const failed = universe.isError;
  useEffect(() => {
    if (!missing) return;
    const last = layout.getState().series;
    const known = last !== undefined && (failed || rows?.some((row) => row.series_id === last));
    const pick = known ? last : rows && firstSeries(rows);
    if (pick) control.replace({ ...control.view(), s: pick });
  }, [missing, rows, failed, control]);
  useEffect(() => {
    if (view.s !== undefined) layout.setState({ series: view.s });
  }, [view.s]);
}

const moment = ({ s, t, n }: View) => `${s} ${t ?? ""} ${n ?? ""}`;

/**
 * Opens what the address asks for, unless the chart itself wrote that address. A replay opens its own; while its first
 * bar is chosen the chart stays as it is, and live comes back with the zoom it had.
 */
function useOpen({ replay }: Services, host: ChartHost | null, mode: Mode, view: View) {
  const written = useRef<string | null>(null);
  const before = useRef<{ mode: Mode; series: string | undefined }>({ mode: "live", series: undefined });
  useEffect(() => {
    const { mode: left, series } = before.current;
    before.current = { mode, series: view.s };
    const replayed = mode === "replay" && view.t !== undefined;
    if (!host || replayed) {
      written.current = null;
      return;
    }
    if (view.s === undefined || written.current === moment(view)) return;
    // Into choosing and out of it: the same chart.
    const same = written.current !== null && series === view.s && (mode === "replay" || left === "replay");
    const stays = written.current !== null && left !== "replay" && series === view.s && host.state().series === view.s;
    written.current = moment(view);
    if (same) return;
    // Elsewhere in what is there already: nothing is opened anew.
    if (stays && view.t !== undefined && view.n !== undefined) {
      void host.goTo(view.t, view.n);
      return;
    }
    const { spacing } = replay.getState();
    if (left === "replay") replay.setState({ spacing: null });
    host.open(view.s, {
      ...(view.t !== undefined && { at: view.t }),
      ...(view.n !== undefined && { bars: view.n }),
      ...(left === "replay" && spacing !== null && { spacing }),
    });
  }, [host, mode, view, replay]);
  return written;
}

/** Panning and zooming renew the address, at most once per second. */
function useWriteBack(chart: StoreApi<ChartState | null>, control: Control, written: { current: string | null }): void {
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let last = 0;
    let opened: { series: string; spacing: number } | null = null;

    const write = () => {
      timer = undefined;
      const state = chart.getState();
      const view = control.view();
      if (control.mode() === "replay" || !settled(state, view) || state.visible === null) return;
      if (opened?.series !== state.series) opened = { series: state.series ?? "", spacing: state.barSpacing };
      const zoomed = Math.abs(state.barSpacing - opened.spacing) > 0.01;
      const next: View = { s: view.s as string };
      if (!state.follow) next.t = Math.max(1, Math.round(state.visible.to));
      if (zoomed) next.n = Math.max(5, Math.round(state.visible.bars));
      else if (view.n !== undefined) next.n = view.n;
      Object.assign(next, docksOf(view), control.mode() === "backtest" && runOf(view));
      last = Date.now();
      written.current = moment(next);
      control.replace(next);
    };
    const stop = chart.subscribe(() => {
      timer ??= setTimeout(write, Math.max(0, last + WRITE_EVERY_MS - Date.now()));
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [chart, control, written]);
}

function settled(state: ChartState | null, view: View): state is ChartState {
  return (
    state !== null &&
    !state.opens &&
    state.series !== null &&
    state.series === state.requested &&
    state.series === view.s
  );
}
