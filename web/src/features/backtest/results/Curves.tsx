import { type PointerEvent, useEffect, useMemo, useRef, useState } from "react";
import type { RunResult, Trade } from "../../../api/backtest-types";
import { formatPercent } from "../../../chart/format/price";
import { useLocale, useT } from "../../../i18n/react";
import { Segmented } from "../../../ui/controls/Choice";
import { useStored } from "../../../ui/storage/useStored";
import type { BacktestStore } from "../slot";
import type { Market } from "../useMarket";
import {
  decimalsOfStep,
  endedEquity,
  fallsOf,
  type LaidCurves,
  type Line,
  layoutCurves,
  pointAt,
  rebased,
  timeAt,
  xOf,
} from "./curves";
import { beginPaint, type CurvesWords, paintCursor, paintCurves } from "./curves-canvas";
import { decimal } from "./figures";

interface CurvesProps {
  lines: readonly Line[];
  drawdown: Line | null;
  log: boolean;
  /** The time that is pointed at, here or on the chart. */
  cursor: number | null;
  label: string;
  formatTime: (time: number) => string;
  formatDate: (time: number) => string;
  onPoint: (time: number | null) => void;
  onPick?: (time: number) => void;
}

/** Curves on a canvas, with a line at the time that is pointed at. */
export function CurvesCanvas({
  lines,
  drawdown,
  log,
  cursor,
  label,
  formatTime,
  formatDate,
  onPoint,
  onPick,
}: CurvesProps) {
  const base = useRef<HTMLCanvasElement>(null);
  const over = useRef<HTMLCanvasElement>(null);
  const laid = useRef<LaidCurves | null>(null);
  const [turn, setTurn] = useState(0);

  useEffect(() => {
    const node = base.current;
    if (!node) return;
    const words: CurvesWords = {
      value: (value, step) => decimal(value, decimalsOfStep(step)),
      percent: (share, step) => `${decimal(share * 100, decimalsOfStep(step * 100))}%`,
      time: (time) => (isShort(lines) ? formatTime(time).slice(5) : formatDate(time)),
    };
    const paint = () => {
      const begun = beginPaint(node);
      if (!begun) return;
      const { ctx, width, height } = begun;
      laid.current = layoutCurves({ lines, drawdown, width, height, log });
      if (laid.current) paintCurves(ctx, laid.current, words);
      setTurn((n) => n + 1);
    };
    paint();
    const sized = new ResizeObserver(paint);
    sized.observe(node);
    const look = new MutationObserver(paint);
    look.observe(document.documentElement, { attributeFilter: ["data-theme", "data-palette", "data-direction"] });
    return () => {
      sized.disconnect();
      look.disconnect();
    };
  }, [lines, drawdown, log, formatTime, formatDate]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: another layout puts the line elsewhere.
  useEffect(() => {
    const begun = over.current && beginPaint(over.current);
    if (!begun || !laid.current || cursor === null) return;
    const x = xOf(laid.current, cursor);
    const { value, drawdown: below } = laid.current;
    if (x !== null) paintCursor(begun.ctx, x, below ? below.top + below.height : value.height);
  }, [cursor, turn]);

  const timeUnder = (event: PointerEvent) => {
    const { left } = event.currentTarget.getBoundingClientRect();
    return laid.current && timeAt(laid.current, event.clientX - left);
  };
  return (
    <div
      role="img"
      aria-label={label}
      data-testid="backtest-curves"
      onPointerMove={(event) => onPoint(timeUnder(event))}
      onPointerLeave={() => onPoint(null)}
      onPointerUp={(event) => {
        const time = timeUnder(event);
        if (time !== null) onPick?.(time);
      }}
      className="relative h-full min-h-0 w-full cursor-crosshair"
    >
      <canvas ref={base} className="absolute inset-0 size-full" />
      <canvas ref={over} className="pointer-events-none absolute inset-0 size-full" />
    </div>
  );
}

/** So short that days alone would say the same several times, seconds. */
const SHORT = 5 * 86_400;

function isShort(lines: readonly Line[]): boolean {
  return lines.every(({ times }) => (times.at(-1) ?? 0) - (times[0] ?? 0) < SHORT);
}

interface EquityProps {
  slot: BacktestStore;
  result: RunResult;
  /** Closes of the market; null: they are not stored. */
  market: Market | null | undefined;
  /** The bar under the crosshair of the chart, seconds. */
  hovered: number | null;
  formatTime: (time: number) => string;
  formatDate: (time: number) => string;
  onPick: (time: number) => void;
}

/** The money over time, what holding would have made of it, and how far it fell. */
export function Equity({ slot, result, market, hovered, formatTime, formatDate, onPick }: EquityProps) {
  const t = useT();
  const pointed = useStored(slot, (state) => state.pointed);
  const [scale, setScale] = useState<"linear" | "log">("linear");
  const { startingBalance } = result;
  const equity = useMemo(() => endedEquity(result), [result]);
  const falls = useMemo(() => fallsOf(equity.values), [equity]);
  const start = startingBalance ?? equity.values[0] ?? 0;
  const lines = useMemo(() => {
    const found: Line[] = [{ kind: "equity", ...equity }];
    if (market && market.times.length > 1) {
      found.unshift({ kind: "hold", times: market.times, values: rebased(market.closes, start) });
    }
    return found;
  }, [equity, market, start]);
  const drawdown = useMemo(() => ({ kind: "drawdown", times: equity.times, values: falls }), [equity, falls]);
  useEffect(() => () => slot.setState({ pointed: null }), [slot]);
  if (equity.times.length === 0) return null;
  const last = equity.times.length - 1;
  const cursor = pointed ?? hovered;
  const at = cursor === null ? last : Math.max(0, pointAt(equity.times, cursor));
  const deepest = falls.reduce((low, fall) => Math.min(low, fall), 0);
  return (
    <section data-testid="backtest-equity" aria-label={t("backtest.equity")} className="px-3 py-2">
      <header className="flex flex-wrap items-center gap-x-4 gap-y-1">
        <h3 className="text-12 font-semibold text-text-3">{t("backtest.equity")}</h3>
        <ReadOut
          time={formatTime(cursor ?? equity.times[at] ?? 0)}
          value={equity.values[at] ?? 0}
          fall={falls[at] ?? 0}
          trade={cursor === null ? null : openAt(result.trades, cursor)}
        />
        <span className="flex-1" />
        {lines.length > 1 && <Legend />}
        {market === null && <span className="text-12 text-text-3">{t("backtest.equity.noHold")}</span>}
        <Segmented
          label={t("backtest.scale")}
          value={scale}
          options={(["linear", "log"] as const).map((value) => ({ value, label: t(`backtest.scale.${value}`) }))}
          onChange={setScale}
        />
      </header>
      <div className="h-[220px]">
        <CurvesCanvas
          lines={lines}
          drawdown={drawdown}
          log={scale === "log"}
          cursor={cursor}
          label={t("backtest.equity.label", {
            from: decimal(equity.values[0] ?? 0, 2),
            to: decimal(equity.values[last] ?? 0, 2),
            fall: formatPercent(deepest * 100),
          })}
          formatTime={formatTime}
          formatDate={formatDate}
          onPoint={(time) => slot.setState({ pointed: time })}
          onPick={onPick}
        />
      </div>
    </section>
  );
}

function Legend() {
  const t = useT();
  return (
    <span className="flex items-center gap-3 text-12 text-text-2">
      <span className="flex items-center gap-1">
        <span aria-hidden="true" className="w-4 border-t-2 border-accent" />
        {t("backtest.equity.line")}
      </span>
      <span className="flex items-center gap-1">
        <span aria-hidden="true" className="w-4 border-t border-dashed border-text-3" />
        {t("backtest.equity.hold")}
      </span>
    </span>
  );
}

function ReadOut({ time, value, fall, trade }: { time: string; value: number; fall: number; trade: Trade | null }) {
  const t = useT();
  const locale = useLocale();
  return (
    <p data-testid="backtest-readout" lang={locale} className="flex gap-3 text-12 tabular-nums">
      <span className="text-text-3">{time}</span>
      <span>{decimal(value, 2)}</span>
      <span className={fall < 0 ? "text-danger" : "text-text-3"}>{formatPercent(fall * 100)}</span>
      {trade && (
        <span className="text-text-2">
          {t("backtest.trade.open", { n: trade.index + 1, side: t(`backtest.side.${trade.side}`) })}
        </span>
      )}
    </p>
  );
}

/** A trade that was open at a time; of several the newest. */
export function openAt(trades: readonly Trade[], time: number): Trade | null {
  let found: Trade | null = null;
  for (const trade of trades) {
    const isOpen = trade.openTime <= time && time < trade.closeTime;
    if (isOpen && (found === null || trade.openTime > found.openTime)) found = trade;
  }
  return found;
}
