/** The list of trades: order, filter, and the files that it is written to. */
import type { Trade } from "../../../api/backtest-types";

export const COLUMNS = [
  "index",
  "side",
  "open",
  "close",
  "bars",
  "entry",
  "exit",
  "profit",
  "percent",
  "tag",
  "reason",
] as const;
export type Column = (typeof COLUMNS)[number];

export interface Order {
  readonly column: Column;
  readonly falling: boolean;
}

export interface Filter {
  /** Part of pair, tag or reason. */
  readonly text: string;
  readonly side: "all" | "long" | "short";
  readonly result: "all" | "won" | "lost";
}

export const NO_FILTER: Filter = { text: "", side: "all", result: "all" };
export const FIRST_ORDER: Order = { column: "index", falling: false };

const VALUES: Readonly<Record<Column, (trade: Trade) => number | string>> = {
  index: ({ index }) => index,
  side: ({ side }) => side,
  open: ({ openTime }) => openTime,
  close: ({ closeTime }) => closeTime,
  bars: ({ openTime, closeTime }) => closeTime - openTime,
  entry: ({ openRate }) => openRate,
  exit: ({ closeRate }) => closeRate,
  profit: ({ profit }) => profit,
  percent: ({ profitRatio }) => profitRatio,
  tag: ({ enterTag }) => enterTag,
  reason: ({ exitReason }) => exitReason,
};

/** The trades that pass, in the order that is asked for; equal ones as they were closed. */
export function listed(trades: readonly Trade[], filter: Filter, { column, falling }: Order): readonly Trade[] {
  const passed = trades.filter(passes(filter));
  const value = VALUES[column];
  const way = falling ? -1 : 1;
  return passed.sort((a, b) => way * compare(value(a), value(b)) || a.index - b.index);
}

function passes({ text, side, result }: Filter): (trade: Trade) => boolean {
  const wanted = text.trim().toLowerCase();
  return (trade) => {
    if (side !== "all" && trade.side !== side) return false;
    if (result !== "all" && (result === "won" ? trade.profit <= 0 : trade.profit >= 0)) return false;
    return wanted === "" || `${trade.pair} ${trade.enterTag} ${trade.exitReason}`.toLowerCase().includes(wanted);
  };
}

function compare(a: number | string, b: number | string): number {
  return typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b));
}

/** Columns of words begin at the left. */
export function isText(column: Column): boolean {
  return ["side", "open", "close", "tag", "reason"].includes(column);
}

/** A click on a header: the same one turns the order round. */
export function orderBy(order: Order, column: Column): Order {
  if (order.column === column) return { column, falling: !order.falling };
  return { column, falling: column === "profit" || column === "percent" };
}

/** Candles that a trade was open for. */
export function barsOf({ openTime, closeTime }: Pick<Trade, "openTime" | "closeTime">, timeframe: number): number {
  return Math.max(0, Math.round((closeTime - openTime) / timeframe));
}

const CSV = [
  ["index", ({ index }) => index + 1],
  ["pair", ({ pair }) => pair],
  ["side", ({ side }) => side],
  ["open_time", ({ openTime }) => iso(openTime)],
  ["close_time", ({ closeTime }) => iso(closeTime)],
  ["open_rate", ({ openRate }) => openRate],
  ["close_rate", ({ closeRate }) => closeRate],
  ["amount", ({ amount }) => amount],
  ["stake", ({ stake }) => stake],
  ["leverage", ({ leverage }) => leverage],
  ["profit_abs", ({ profit }) => profit],
  ["profit_ratio", ({ profitRatio }) => profitRatio],
  ["initial_stop", ({ initialStop }) => initialStop ?? ""],
  ["stop", ({ stop }) => stop ?? ""],
  ["enter_tag", ({ enterTag }) => enterTag],
  ["exit_reason", ({ exitReason }) => exitReason],
] as const satisfies readonly (readonly [string, (trade: Trade) => string | number])[];

/** Numbers as short as they can be read back exactly; times in UTC. */
export function tradesCsv(trades: readonly Trade[]): string {
  const lines = trades.map((trade) => CSV.map(([, value]) => cell(value(trade))).join(","));
  return `${[CSV.map(([name]) => name).join(","), ...lines].join("\r\n")}\r\n`;
}

/** Texts that a spreadsheet would take for a formula are quoted as what they are. */
function cell(value: string | number): string {
  if (typeof value === "number") return String(value);
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function iso(time: number): string {
  return new Date(time * 1_000).toISOString().replace(".000Z", "Z");
}

/** `backtest_PenDirection_BTC-USDT_5m_<run>.csv`. */
export function fileName(
  { id, strategy, pair, timeframe }: { id: string; strategy: string; pair: string; timeframe: string },
  extension: "csv" | "json",
): string {
  const parts = [strategy, pair.replaceAll(/[/:]/g, "-"), timeframe, id].map((part) =>
    part.replaceAll(/[^\w.-]/g, "_"),
  );
  return `backtest_${parts.join("_")}.${extension}`;
}
