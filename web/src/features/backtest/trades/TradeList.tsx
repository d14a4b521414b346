import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from "react";
import type { BacktestRun, Trade } from "../../../api/backtest-types";
import { decimalsOf, MAX_PRECISION } from "../../../chart/format/price";
import { useT } from "../../../i18n/react";
import { Button } from "../../../ui/controls/Button";
import { Segmented } from "../../../ui/controls/Choice";
import { useRowHeight } from "../../../ui/lists/useRowHeight";
import { useVirtualRows } from "../../../ui/lists/useVirtualRows";
import { totals } from "../results/breakdown";
import { decimal, toneOf } from "../results/figures";
import type { BacktestStore } from "../slot";
import { useOffer } from "../useOffer";
import { download } from "./download";
import { Row } from "./TradeRow";
import {
  COLUMNS,
  type Column,
  FIRST_ORDER,
  type Filter,
  fileName,
  isText,
  listed,
  NO_FILTER,
  type Order,
  orderBy,
  tradesCsv,
} from "./table";

interface TradeListProps {
  slot: BacktestStore;
  run: BacktestRun;
  trades: readonly Trade[];
  /** Length of a candle, seconds. */
  timeframe: number;
  /** The one that is shown on the chart, by its index. */
  selected: number | null;
  formatTime: (time: number) => string;
  onSelect: (trade: Trade) => void;
}

/** Every trade, sorted, filtered and walked through by keys; the list has the focus and names its row. */
export function TradeList({ slot, run, trades, timeframe, selected, formatTime, onSelect }: TradeListProps) {
  const t = useT();
  const list = useRef<HTMLDivElement>(null);
  const [order, setOrder] = useState(FIRST_ORDER);
  const [filter, setFilter] = useState(NO_FILTER);
  const rows = useMemo(() => listed(trades, filter, order), [trades, filter, order]);
  const digits = useMemo(() => digitsOf(trades), [trades]);
  const rowHeight = useRowHeight(24, 44);
  const { from, to } = useVirtualRows(list, rowHeight, rows.length);
  const at = selected === null ? -1 : rows.findIndex(({ index }) => index === selected);
  const mark = useRef<HTMLDivElement>(null);
  useSteps(slot, { list, mark }, { rows, at, rowHeight, onSelect });

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const page = Math.max(1, Math.floor((list.current?.clientHeight ?? 0) / rowHeight) - 1);
    const next = {
      ArrowUp: at - 1,
      ArrowDown: at + 1,
      PageUp: at - page,
      PageDown: at + page,
      Home: 0,
      End: rows.length - 1,
    }[event.key];
    const trade = next === undefined ? undefined : rows[Math.min(Math.max(next, 0), rows.length - 1)];
    if (trade) onSelect(trade);
    else if (event.key === "Enter" && rows[at]) onSelect(rows[at]);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <section data-testid="backtest-trades" className="flex flex-col px-3 py-2">
      <Tools slot={slot} run={run} rows={rows} all={trades.length} filter={filter} onFilter={setFilter} />
      <div className="overflow-x-auto">
        <div className="min-w-[860px]">
          <Header order={order} onOrder={(column) => setOrder(orderBy(order, column))} />
          <div
            ref={list}
            role="listbox"
            tabIndex={0}
            aria-label={t("backtest.trades.keys")}
            aria-activedescendant={at >= from && at < to ? `trade-${selected}` : undefined}
            onKeyDown={onKeyDown}
            data-rows={rows.length}
            style={{ height: Math.min(Math.max(rows.length, 1), 14) * rowHeight }}
            className="overflow-y-auto outline-offset-[-2px] [scrollbar-gutter:stable]"
          >
            <div role="presentation" style={{ height: rows.length * rowHeight }} className="relative">
              {/* Where the chosen row is, drawn or not. */}
              <div
                ref={mark}
                aria-hidden="true"
                style={{ top: Math.max(at, 0) * rowHeight, height: rowHeight }}
                className="pointer-events-none absolute w-px scroll-mb-10"
              />
              {rows.slice(from, to).map((trade, offset) => (
                <Row
                  key={trade.index}
                  trade={trade}
                  place={{ row: from + offset, of: rows.length, height: rowHeight }}
                  selected={trade.index === selected}
                  timeframe={timeframe}
                  digits={digits}
                  formatTime={formatTime}
                  onSelect={onSelect}
                />
              ))}
            </div>
          </div>
        </div>
      </div>
      <Totals rows={rows} all={trades.length} />
    </section>
  );
}

interface Steps {
  rows: readonly Trade[];
  at: number;
  rowHeight: number;
  onSelect: (trade: Trade) => void;
}

/** Lets commands step through the list, and keeps the chosen row in view. */
function useSteps(
  slot: BacktestStore,
  { list, mark }: Record<"list" | "mark", React.RefObject<HTMLElement | null>>,
  { rows, at, rowHeight, onSelect }: Steps,
): void {
  useEffect(() => {
    const step = (direction: 1 | -1) => {
      const next = at < 0 ? (direction === 1 ? 0 : rows.length - 1) : at + direction;
      const trade = rows[next];
      if (trade) onSelect(trade);
    };
    slot.setState({ step: rows.length > 0 ? step : null });
    return () => slot.setState({ step: null });
  }, [slot, rows, at, onSelect]);
  useEffect(() => {
    const node = list.current;
    if (!node || at < 0) return;
    const top = at * rowHeight;
    if (top < node.scrollTop) node.scrollTop = top;
    else if (top + rowHeight > node.scrollTop + node.clientHeight) node.scrollTop = top + rowHeight - node.clientHeight;
    // Whoever walks through the list sees the row; a trade of the chart leaves the results where they are read.
    if (document.activeElement === node) mark.current?.scrollIntoView({ block: "nearest" });
  }, [list, mark, at, rowHeight]);
}

interface ToolsProps {
  slot: BacktestStore;
  run: BacktestRun;
  rows: readonly Trade[];
  all: number;
  filter: Filter;
  onFilter: (filter: Filter) => void;
}

function Tools({ slot, run, rows, all, filter, onFilter }: ToolsProps) {
  const t = useT();
  const save = (extension: "csv" | "json") => {
    const name = fileName(run, extension);
    if (extension === "csv") download(tradesCsv(rows), name, "text/csv");
    else download(JSON.stringify(exported(run, rows), null, 2), name, "application/json");
  };
  useOffer(slot, "exportCsv", rows.length > 0 ? () => save("csv") : null);
  useOffer(slot, "exportJson", rows.length > 0 ? () => save("json") : null);
  return (
    <header className="mb-1 flex flex-wrap items-center gap-x-3 gap-y-1">
      <h3 className="text-12 font-semibold text-text-3">{t("backtest.trades")}</h3>
      <Segmented
        label={t("backtest.filter.side")}
        value={filter.side}
        options={(["all", "long", "short"] as const).map((value) => ({
          value,
          label: t(`backtest.filter.side.${value}`),
        }))}
        onChange={(side) => onFilter({ ...filter, side })}
      />
      <Segmented
        label={t("backtest.filter.result")}
        value={filter.result}
        options={(["all", "won", "lost"] as const).map((value) => ({
          value,
          label: t(`backtest.filter.result.${value}`),
        }))}
        onChange={(result) => onFilter({ ...filter, result })}
      />
      <input
        type="search"
        aria-label={t("backtest.filter.text")}
        placeholder={t("backtest.filter.text")}
        value={filter.text}
        onChange={(event) => onFilter({ ...filter, text: event.target.value })}
        className="h-(--control) w-44 min-w-0 rounded-control border border-line-strong bg-bg-2 px-2 text-12"
      />
      <span className="flex-1 text-right text-12 text-text-3 tabular-nums">
        {t("backtest.trades.shown", { n: rows.length, all })}
      </span>
      <Button
        data-cmd="backtest.exportCsv"
        className="text-12"
        disabled={rows.length === 0}
        onClick={() => save("csv")}
      >
        {t("backtest.export.csv")}
      </Button>
      <Button
        data-cmd="backtest.exportJson"
        className="text-12"
        disabled={rows.length === 0}
        onClick={() => save("json")}
      >
        {t("backtest.export.json")}
      </Button>
    </header>
  );
}

/** What a file of a run holds: what was asked, what it came to, and the trades of the list. */
export function exported(run: BacktestRun, trades: readonly Trade[]) {
  const { id, engine, strategy, pair, timeframe, timerange, params, trading, response, bias } = run;
  const result = response?.result;
  return {
    run: { id, engine, strategy, pair, timeframe, timerange, params, trading },
    ...{ bias, warnings: response?.warnings ?? [], metrics: result?.metrics ?? {} },
    equity: result?.equity.times.map((time, at) => [time, result.equity.values[at]]) ?? [],
    trades,
  };
}

/** Of the rows that are listed. */
function Totals({ rows, all }: { rows: readonly Trade[]; all: number }) {
  const t = useT();
  const { trades, wins, profit, mean } = useMemo(() => totals(rows), [rows]);
  if (trades === 0) {
    const words = t(all === 0 ? "backtest.none.noTrades" : "backtest.trades.none");
    return <p className="py-1 text-12 text-text-2">{words}</p>;
  }
  return (
    <p data-testid="backtest-totals" className="flex flex-wrap gap-x-4 py-1 text-12 text-text-2 tabular-nums">
      <span>{t("backtest.totals.winrate", { value: `${decimal((wins / trades) * 100, 1)}%` })}</span>
      <span>
        {t("backtest.totals.profit")} <b className={`font-semibold ${toneOf(profit)}`}>{decimal(profit, 2, true)}</b>
      </span>
      <span>
        {t("backtest.totals.mean")} <b className={`font-semibold ${toneOf(mean)}`}>{decimal(mean * 100, 2, true)}%</b>
      </span>
    </p>
  );
}

function Header({ order, onOrder }: { order: Order; onOrder: (column: Column) => void }) {
  const t = useT();
  return (
    // Its columns are those of the rows, which leave room for a scrollbar.
    <div className="trade-grid overflow-hidden border-b border-line text-12 text-text-3 [scrollbar-gutter:stable]">
      {COLUMNS.map((column) => {
        const way = order.column === column ? (order.falling ? "falling" : "rising") : "none";
        const name = t(`backtest.column.${column}`);
        return (
          <button
            key={column}
            type="button"
            data-cmd={`backtest.sort.${column}`}
            data-sort={way}
            aria-label={t(`backtest.sort.${way}`, { name })}
            onClick={() => onOrder(column)}
            className={`hit relative min-w-0 truncate hover:text-text-1 ${isText(column) ? "text-left" : "text-right"}`}
          >
            {name}
            {way !== "none" && <span aria-hidden="true">{way === "falling" ? " ↓" : " ↑"}</span>}
          </button>
        );
      })}
    </div>
  );
}

/** Decimals of the market: the most that any price of a trade has. */
function digitsOf(trades: readonly Trade[]): number {
  let most = 0;
  for (const { openRate, closeRate } of trades) {
    most = Math.max(most, decimalsOf(openRate), decimalsOf(closeRate));
    if (most >= MAX_PRECISION) break;
  }
  return most;
}
