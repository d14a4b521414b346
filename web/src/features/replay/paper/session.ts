/** Sessions of paper trading, kept in the browser, and their export. */
import { stored } from "../../../ui/storage/stored";
import type { PaperAction, PaperFill, PaperSetup, PaperState, PaperTrade, PositionSide } from "./model";
import { readSessions } from "./session-parse";

export interface PaperSession {
  readonly id: string;
  readonly series: string;
  /** Wall clock, milliseconds. */
  readonly startedAtMs: number;
  readonly setup: PaperSetup;
  readonly actions: readonly PaperAction[];
  /** First and newest bar of the session, seconds. */
  readonly from: number;
  readonly to: number;
  /** Equity at `to` less the money at the start. */
  readonly result: number;
  /** What is still held at `to`. */
  readonly position: PositionSide | null;
  readonly trades: readonly PaperTrade[];
  readonly fills: readonly PaperFill[];
}

export const MOST_SESSIONS = 20;
/** Browsers keep about five million characters per site, for everything. */
const MOST_CHARACTERS = 1_500_000;

interface Kept {
  /** Newest first. */
  readonly sessions: readonly PaperSession[];
}

export const paperSessions = stored<Kept>(
  "paper-sessions",
  () => ({ sessions: [] }),
  (value) => ({ sessions: readSessions(value).slice(0, MOST_SESSIONS) }),
);

type About = Pick<PaperSession, "id" | "series" | "startedAtMs" | "setup" | "from" | "to">;

/** A session as it stands at `to`: what was done up to there, and what came of it. */
export function sessionOf(about: About, actions: readonly PaperAction[], state: PaperState): PaperSession {
  return {
    ...about,
    actions: state.time === null ? [] : actions.filter(({ at }) => at <= about.to),
    position: state.position?.side ?? null,
    result: state.equity - about.setup.cash,
    trades: state.trades,
    fills: state.fills,
  };
}

/**
 * Keeps a session, or its newer state, as the newest one. One in which nothing was done is forgotten. All sessions are
 * written: it is made for every fill and the end, not for every bar.
 */
export function keepSession(session: PaperSession): void {
  const others = paperSessions.getState().sessions.filter(({ id }) => id !== session.id);
  const all = session.actions.length === 0 ? others : [session, ...others];
  paperSessions.setState({ sessions: fitting(all.slice(0, MOST_SESSIONS)) });
}

/** The newest ones that fit into the browser's memory; always the first. */
function fitting(sessions: readonly PaperSession[]): readonly PaperSession[] {
  let room = MOST_CHARACTERS;
  const end = sessions.findIndex((session, at) => {
    room -= JSON.stringify(session).length;
    return room < 0 && at > 0;
  });
  return end < 0 ? sessions : sessions.slice(0, end);
}

const COLUMNS = [
  ...["record", "time", "side", "quantity", "price", "fee", "reason", "order_id"],
  ...["entry_time", "entry_price", "result", "result_percent", "bars"],
] as const;
type Column = (typeof COLUMNS)[number];

/**
 * Fills, then closed trades, one per line, RFC 4180. Of a trade `time`, `price` and `fee` are its exit and all of its fees.
 * Times are ISO 8601 in UTC, numbers plain decimals; what a record does not have is empty.
 */
export function sessionCsv({ fills, trades }: Pick<PaperSession, "fills" | "trades">): string {
  const lines = [COLUMNS.join(","), ...fills.map(fillLine), ...trades.map(tradeLine)];
  return lines.map((line) => `${line}\r\n`).join("");
}

/** `paper_binance_futures_BTC-USDT_5m_20260302-1405.csv`. */
export function sessionFileName({ series, from }: Pick<PaperSession, "series" | "from">): string {
  const stamp = isoTime(from).slice(0, 16).replaceAll(/[-:]/g, "").replace("T", "-");
  const name = series.replaceAll("/", "-").replaceAll(/[^\w.-]+/g, "_");
  return `paper_${name}_${stamp}.csv`;
}

function fillLine(fill: PaperFill): string {
  return line({
    record: "fill",
    time: isoTime(fill.time),
    side: fill.side,
    quantity: plainNumber(fill.quantity),
    price: plainNumber(fill.price),
    fee: plainNumber(fill.fee),
    reason: fill.reason,
    order_id: fill.orderId === null ? "" : String(fill.orderId),
  });
}

function tradeLine(trade: PaperTrade): string {
  return line({
    record: "trade",
    time: isoTime(trade.exitTime),
    side: trade.side,
    quantity: plainNumber(trade.quantity),
    price: plainNumber(trade.exitPrice),
    fee: plainNumber(trade.fees),
    entry_time: isoTime(trade.entryTime),
    entry_price: plainNumber(trade.entryPrice),
    result: plainNumber(trade.result),
    result_percent: plainNumber(trade.resultPercent),
    bars: String(trade.bars),
  });
}

/** None of the values has a comma, a quote or a line end, so none needs quotes. */
function line(values: Partial<Record<Column, string>>): string {
  return COLUMNS.map((column) => values[column] ?? "").join(",");
}

function isoTime(seconds: number): string {
  return new Date(seconds * 1_000).toISOString().replace(".000Z", "Z");
}

/** At most eight decimals, no exponent, a hyphen for the minus. */
function plainNumber(value: number): string {
  const text = value.toFixed(8).replace(/\.?0+$/, "");
  return text === "-0" ? "0" : text;
}
