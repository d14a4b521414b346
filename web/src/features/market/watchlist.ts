/** Favourites and the look of the market list, kept on this device. */
import { oneOf, record, stored } from "../../ui/storage/stored";

interface Watchlist {
  /** Listing keys, oldest first. */
  keys: readonly string[];
}

const LIMIT = 500;

export const watchlist = stored<Watchlist>(
  "watchlist",
  () => ({ keys: [] }),
  (value) => {
    const keys = record(value)?.keys;
    if (!Array.isArray(keys)) return undefined;
    return { keys: [...new Set(keys.filter((key): key is string => typeof key === "string"))].slice(0, LIMIT) };
  },
);

export function toggleWatched(key: string): void {
  const { keys } = watchlist.getState();
  watchlist.setState({ keys: keys.includes(key) ? keys.filter((known) => known !== key) : [...keys, key] });
}

export const MARKET_LISTS = ["favourites", "spot", "futures"] as const;
export type MarketList = (typeof MARKET_LISTS)[number];

export const COLUMNS = ["symbol", "last", "change", "volume"] as const;
export type Column = (typeof COLUMNS)[number];

export interface Sort {
  by: Column;
  descending: boolean;
}

interface ListLook {
  list: MarketList;
  sort: Sort;
}

const STANDARD: ListLook = { list: "futures", sort: { by: "volume", descending: true } };

export const listLook = stored<ListLook>(
  "market-list",
  () => STANDARD,
  (value) => {
    const given = record(value);
    const sort = record(given?.sort);
    const by = oneOf(COLUMNS, sort?.by);
    return {
      list: oneOf(MARKET_LISTS, given?.list) ?? STANDARD.list,
      sort: by === undefined ? STANDARD.sort : { by, descending: sort?.descending === true },
    };
  },
);

/** A second click turns the order round; names start at A, numbers at the largest. */
export function sortBy(by: Column): void {
  const { sort } = listLook.getState();
  listLook.setState({ sort: { by, descending: sort.by === by ? !sort.descending : by !== "symbol" } });
}
