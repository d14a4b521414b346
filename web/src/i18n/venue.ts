/** Exchanges and markets by the names that people know. */
import type { PlainKey, Translate } from "./catalogue";

const EXCHANGES: Readonly<Record<string, string>> = { binance: "Binance" };

/** `Binance Futures`; what is not known stays as it is. */
export function venueName(exchange: string, market: string, t: Translate): string {
  const known = market === "spot" || market === "futures";
  return t("market.venue", {
    exchange: EXCHANGES[exchange] ?? exchange,
    market: known ? t(`market.${market}` satisfies PlainKey) : market,
  });
}
