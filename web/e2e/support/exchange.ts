/** The market list of an exchange that only exists in a story. */
import type { Page, Route } from "@playwright/test";

export interface Row {
  base: string;
  last: number;
  change: number;
  volume: number;
}

/** Answers for the server's market routes from rows that the story may change. */
export class FakeExchange {
  rows: Row[];
  /** What the stream does instead of sending a list. */
  mood: "fine" | "unreachable" | "stale" | "mute" = "fine";
  streams = 0;

  constructor(rows: readonly Row[]) {
    this.rows = [...rows];
  }

  async serve(page: Page): Promise<void> {
    await page.route("**/api/market/top_markets?*", (route) => route.fulfill({ json: this.list(marketOf(route)) }));
    await page.route("**/api/market/top_markets/stream?*", (route) => this.stream(route));
  }

  /** A stream that ends is taken up again by the page: each turn brings the rows as they are then. */
  private async stream(route: Route): Promise<void> {
    this.streams += 1;
    if (this.mood === "unreachable") return route.abort("connectionrefused");
    const list = this.list(marketOf(route));
    const event =
      this.mood === "mute"
        ? `event: error\ndata: {"type":"error","message":"upstream_error:timeout","at_ms":1}\n\n`
        : `event: top_markets\ndata: ${JSON.stringify(list)}\n\n`;
    return route.fulfill({ contentType: "text/event-stream; charset=utf-8", body: event });
  }

  private list(market: string) {
    const items = this.rows.map(({ base, last, change, volume }) => ({
      exchange: "binance",
      market,
      symbol: `${base}/USDT`,
      symbol_id: `${base}USDT`,
      base_asset: base,
      quote_asset: "USDT",
      last_price: last,
      quote_volume: volume,
      price_change_percent: change,
    }));
    const stale = this.mood === "stale" ? { stale: true, age_ms: 180_000 } : {};
    const head = { exchange: "binance", market, quote_asset: "USDT", limit: 200, cached: false };
    return { ...head, generated_at_ms: Date.now(), items, ...stale };
  }
}

function marketOf(route: Route): string {
  return new URL(route.request().url()).searchParams.get("market") ?? "";
}

export function rows(count: number): Row[] {
  return Array.from({ length: count }, (_, at) => ({
    base: `C${String(at).padStart(3, "0")}`,
    last: 100 + at / 4,
    change: (at % 9) - 4,
    volume: 1e9 / (at + 1),
  }));
}
