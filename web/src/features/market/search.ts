/** Order of the symbol search: exact, recent, prefix, contains, then the rest that matches. */
import { timeframeSeconds } from "../../api/series";
import { fuzzy } from "../../ui/commands/fuzzy";
import { aliasesOf } from "./aliases";
import type { Listing } from "./universe";

export type MarketTab = "all" | "spot" | "futures";

export interface Query {
  /** Symbol part, as typed. */
  text: string;
  /** Timeframe typed after the symbol, if it is one. */
  timeframe: string | null;
}

/** Splits `btc 15m` and `btc 15` into symbol and timeframe. */
export function parseQuery(typed: string): Query {
  const words = typed.trim().split(/\s+/).filter(Boolean);
  const last = words.at(-1);
  const timeframe = last === undefined ? null : parseTimeframe(last);
  if (timeframe === null || (words.length === 1 && !/^\d/.test(last ?? "")))
    return { text: typed.trim(), timeframe: null };
  return { text: words.slice(0, -1).join(" "), timeframe };
}

/** `15` means `15m`; anything else must be a timeframe as the server writes it. */
export function parseTimeframe(typed: string): string | null {
  const text = /^\d+$/.test(typed) ? `${typed}m` : typed.toLowerCase();
  return timeframeSeconds(text) === null ? null : text;
}

export interface Hit {
  listing: Listing;
  /** Matched characters of the symbol. */
  at: readonly number[];
  recent: boolean;
}

export function searchListings(
  all: readonly Listing[],
  query: string,
  tab: MarketTab,
  recent: readonly string[],
  limit = 200,
): Hit[] {
  const needle = query.trim().toLowerCase();
  const hits: (Hit & { tier: number; score: number })[] = [];
  for (const listing of all) {
    if (tab !== "all" && listing.market !== tab) continue;
    const recency = recent.indexOf(listing.key);
    const found = match(listing, needle);
    if (!found) continue;
    const tier = found.tier === 0 ? 0 : recency >= 0 ? 1 : found.tier;
    const score = tier === 1 ? -recency : found.score;
    hits.push({ listing, at: found.at, recent: recency >= 0, tier, score });
  }
  hits.sort((a, b) => a.tier - b.tier || b.score - a.score || a.listing.key.localeCompare(b.listing.key));
  return hits.slice(0, limit);
}

function match(listing: Listing, needle: string): { tier: number; score: number; at: readonly number[] } | null {
  if (needle === "") return { tier: 3, score: 0, at: [] };
  const symbol = listing.symbol.toLowerCase();
  const [base = ""] = symbol.split("/");
  const exact = symbol === needle || base === needle || symbol.replaceAll("/", "") === needle;
  const direct = fuzzy(needle, listing.symbol);
  if (exact) return { tier: 0, score: direct?.score ?? 0, at: direct?.at ?? [] };
  if (symbol.startsWith(needle)) return { tier: 2, score: direct?.score ?? 0, at: direct?.at ?? [] };
  if (symbol.includes(needle)) return { tier: 3, score: direct?.score ?? 0, at: direct?.at ?? [] };
  if (aliasesOf(base.toUpperCase()).some((alias) => alias.startsWith(needle))) return { tier: 3, score: 0, at: [] };
  if (direct && direct.at.length > 1) return { tier: 4, score: direct.score, at: direct.at };
  return everyWord(listing, needle) ? { tier: 4, score: 0, at: [] } : null;
}

/** `btc spot`: each word is part of the symbol, or the beginning of the market's or the exchange's name. */
function everyWord({ symbol, market, exchange }: Listing, needle: string): boolean {
  return needle
    .split(/\s+/)
    .every(
      (word) =>
        symbol.toLowerCase().includes(word) ||
        (word.length > 2 && [market, exchange].some((name) => name.startsWith(word))),
    );
}
