/** Order of the symbol search: exact, favourites, recent, prefix, contains, then the rest that matches; each by volume. */
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
  favourite: boolean;
}

/** What the order knows besides what was typed. Listing keys throughout. */
export interface Standing {
  recent: readonly string[];
  favourites?: readonly string[];
  /** Of the last 24 hours, in the quote asset. */
  volumes?: ReadonlyMap<string, number>;
}

export function searchListings(
  all: readonly Listing[],
  query: string,
  tab: MarketTab,
  { recent, favourites = [], volumes }: Standing,
  limit = 200,
): Hit[] {
  const needle = query.trim().toLowerCase();
  const hits: (Hit & { tier: number; score: number; volume: number })[] = [];
  for (const listing of all) {
    if (tab !== "all" && listing.market !== tab) continue;
    const recency = recent.indexOf(listing.key);
    const place = favourites.indexOf(listing.key);
    const found = match(listing, needle);
    if (!found) continue;
    const used = place >= 0 ? TIER.favourite : recency >= 0 ? TIER.recent : found.tier;
    const tier = found.tier === TIER.exact ? TIER.exact : used;
    const score = tier === TIER.favourite ? -place : tier === TIER.recent ? -recency : found.score;
    const volume = tier === TIER.favourite || tier === TIER.recent ? 0 : (volumes?.get(listing.key) ?? 0);
    hits.push({ listing, at: found.at, recent: recency >= 0, favourite: place >= 0, tier, score, volume });
  }
  hits.sort(
    (a, b) => a.tier - b.tier || b.volume - a.volume || b.score - a.score || a.listing.key.localeCompare(b.listing.key),
  );
  return hits.slice(0, limit);
}

/** Places in the order; what only matches comes after what was used before. */
const TIER = { exact: 0, favourite: 1, recent: 2, prefix: 3, contains: 4, rest: 5 } as const;

function match(listing: Listing, needle: string): { tier: number; score: number; at: readonly number[] } | null {
  if (needle === "") return { tier: TIER.contains, score: 0, at: [] };
  const symbol = listing.symbol.toLowerCase();
  const [base = ""] = symbol.split("/");
  const exact = symbol === needle || base === needle || symbol.replaceAll("/", "") === needle;
  const direct = fuzzy(needle, listing.symbol);
  if (exact) return { tier: TIER.exact, score: direct?.score ?? 0, at: direct?.at ?? [] };
  if (symbol.startsWith(needle)) return { tier: TIER.prefix, score: direct?.score ?? 0, at: direct?.at ?? [] };
  if (symbol.includes(needle)) return { tier: TIER.contains, score: direct?.score ?? 0, at: direct?.at ?? [] };
  if (aliasesOf(base.toUpperCase()).some((alias) => alias.startsWith(needle)))
    return { tier: TIER.contains, score: 0, at: [] };
  if (direct && direct.at.length > 1) return { tier: TIER.rest, score: direct.score, at: direct.at };
  return everyWord(listing, needle) ? { tier: TIER.rest, score: 0, at: [] } : null;
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
