/** Timeframe favourites and recently opened symbols of this device. */
import { timeframeSeconds } from "../../api/series";
import { record, stored } from "../../ui/storage/stored";

export const FAVOURITE_LIMIT = 6;
const RECENT_LIMIT = 12;
export const STANDARD_FAVOURITES: readonly string[] = ["1m", "5m", "15m", "1h", "4h", "1d"];

/** Offered under "more", besides what is stored. */
export const COMMON_TIMEFRAMES: readonly string[] = [
  "1m",
  "3m",
  "5m",
  "15m",
  "30m",
  "1h",
  "2h",
  "4h",
  "6h",
  "12h",
  "1d",
];

interface Choices {
  favourites: readonly string[];
  /** Listing keys, newest first. */
  recent: readonly string[];
}

const texts = (value: unknown): string[] | undefined =>
  Array.isArray(value) && value.every((entry) => typeof entry === "string") ? value : undefined;

export const choices = stored<Choices>(
  "market",
  () => ({ favourites: STANDARD_FAVOURITES, recent: [] }),
  (value) => {
    const given = record(value);
    if (!given) return undefined;
    const favourites = texts(given.favourites)?.filter((entry) => timeframeSeconds(entry) !== null);
    return {
      favourites: favourites?.slice(0, FAVOURITE_LIMIT) ?? STANDARD_FAVOURITES,
      recent: texts(given.recent)?.slice(0, RECENT_LIMIT) ?? [],
    };
  },
);

/** Pins or unpins; false when the bar is full. */
export function toggleFavourite(timeframe: string): boolean {
  const { favourites } = choices.getState();
  if (favourites.includes(timeframe)) {
    choices.setState({ favourites: favourites.filter((entry) => entry !== timeframe) });
    return true;
  }
  if (favourites.length >= FAVOURITE_LIMIT) return false;
  const seconds = (entry: string) => timeframeSeconds(entry) ?? 0;
  choices.setState({ favourites: [...favourites, timeframe].sort((a, b) => seconds(a) - seconds(b)) });
  return true;
}

export function rememberListing(key: string): void {
  const { recent } = choices.getState();
  if (recent[0] === key) return;
  choices.setState({ recent: [key, ...recent.filter((entry) => entry !== key)].slice(0, RECENT_LIMIT) });
}
