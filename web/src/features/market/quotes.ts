/** Rows of the market list: what is in it, in which order, and when the order may change. Pure. */
import type { TopMarket } from "../../api/types";
import { decimalsOf } from "../../chart/format/price";
import { aliasesOf } from "./aliases";
import type { Column, Sort } from "./watchlist";

export interface Quote {
  /** Listing key, `binance:futures:BTC/USDT`. */
  key: string;
  symbol: string;
  market: string;
  last: number | null;
  changePercent: number | null;
  volume: number | null;
}

export function quoteOf(item: TopMarket): Quote {
  return {
    key: `${item.exchange}:${item.market}:${item.symbol}`,
    symbol: item.symbol,
    market: item.market,
    last: item.last_price,
    changePercent: item.price_change_percent,
    volume: item.quote_volume,
  };
}

/** The favourites, also those of which no price is known. */
export function favourites(keys: readonly string[], quotes: readonly Quote[]): Quote[] {
  const known = new Map(quotes.map((quote) => [quote.key, quote]));
  return keys.map((key) => known.get(key) ?? unpriced(key));
}

function unpriced(key: string): Quote {
  const [, market = "", ...symbol] = key.split(":");
  return { key, symbol: symbol.join(":"), market, last: null, changePercent: null, volume: null };
}

/** Those whose symbol or name holds what was typed. */
export function matching(quotes: readonly Quote[], typed: string): readonly Quote[] {
  const needle = typed.trim().toLowerCase();
  if (needle === "") return quotes;
  return quotes.filter(({ symbol }) => {
    const [base = ""] = symbol.split("/");
    const plain = symbol.toLowerCase();
    return (
      plain.includes(needle) ||
      plain.replace("/", "").includes(needle) ||
      aliasesOf(base.toUpperCase()).some((alias) => alias.startsWith(needle))
    );
  });
}

/** By one column; unknown values last in both directions, ties by name. */
export function sorted(quotes: readonly Quote[], { by, descending }: Sort): Quote[] {
  const sign = descending ? -1 : 1;
  const byName = (a: Quote, b: Quote) => a.symbol.localeCompare(b.symbol, "en") || a.key.localeCompare(b.key);
  return quotes.toSorted((a, b) => {
    if (by === "symbol") return sign * byName(a, b);
    const [left, right] = [columnOf(a, by), columnOf(b, by)];
    if (left === null || right === null) return left === right ? byName(a, b) : left === null ? 1 : -1;
    return sign * (left - right) || byName(a, b);
  });
}

function columnOf(quote: Quote, by: Exclude<Column, "symbol">): number | null {
  return by === "last" ? quote.last : by === "change" ? quote.changePercent : quote.volume;
}

/** While the order is held: rows stay where they are, new ones go to the end, absent ones go. */
export function heldOrder(before: readonly string[], wanted: readonly Quote[]): Quote[] {
  const place = new Map(before.map((key, at) => [key, at]));
  const at = ({ key }: Quote) => place.get(key) ?? Number.POSITIVE_INFINITY;
  // Sorting is stable: what is new keeps the order it came in.
  return wanted.toSorted((a, b) => (at(a) === at(b) ? 0 : at(a) - at(b)));
}

/** Digits of every price seen, by key; a price never loses digits, so that columns do not jump. */
export class Digits {
  private readonly known = new Map<string, number>();

  of({ key, last }: Quote): number {
    const digits = Math.max(this.known.get(key) ?? 0, last === null ? 0 : decimalsOf(last));
    this.known.set(key, digits);
    return digits;
  }
}

/** The order on the screen, and when it may change. */
export class RowOrder {
  private reset = "";
  private keys: readonly string[] = [];

  /** `held`: somebody points at the list or works in it. Another `reset` is another question: it is answered at once. */
  arrange(wanted: readonly Quote[], held: boolean, reset: string): readonly Quote[] {
    const rows = held && reset === this.reset ? heldOrder(this.keys, wanted) : wanted;
    this.reset = reset;
    this.keys = rows.map(({ key }) => key);
    return rows;
  }
}
