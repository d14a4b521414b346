/** The test function of every story: a server of its own, a page that reports what it complains about. */
import { test as base, type ConsoleMessage, expect, type Locator, type Page } from "@playwright/test";
import { type Server, startServer } from "./server";

/** Every switch at its plain default, plus the ways to put candles in. */
export const BARE = ["--profile", "bare", "--enable-debug-api", "--enable-dev-api"] as const;
export const SERIES = "binance:futures:TEST/USDT:1m";

interface Fixtures {
  /** Arguments after `serve --port 0`. */
  args: readonly string[];
  server: Server;
  /** Errors of the page so far; a story that expects some empties it. */
  complaints: string[];
  desk: Desk;
}

export const test = base.extend<Fixtures>({
  args: [BARE, { option: true }],
  server: async ({ args }, use, info) => {
    const server = await startServer({ args });
    await use(server);
    await server.remove();
    if (info.status !== info.expectedStatus) await info.attach("server.log", { body: server.log() });
  },
  complaints: async ({ page }, use) => {
    const list: string[] = [];
    page.on("pageerror", (error) => list.push(error.message));
    page.on("console", (message) => {
      if (message.type() === "error" && !isAbsence(message)) list.push(message.text());
    });
    await use(list);
    expect(list, "errors in the console").toEqual([]);
  },
  desk: async ({ page, server, complaints: _ }, use) => {
    await use(new Desk(page, server));
  },
});

export { expect };

/** What is not there yet, switched off, or needs an exchange that the tests cannot reach. */
const MAYBE_ABSENT = [
  { path: "/api/frame/live", status: "404" },
  { path: "/api/market/health", status: "404" },
  { path: "/api/market/debug/series_health", status: "404" },
  { path: "/api/market/top_markets", status: "502" },
  { path: "/api/replay/outline", status: "404" },
  { path: "/api/backtest/runs", status: "404" },
] as const;

/** A part that is absent is no failure of the page, but browsers list every such answer as an error. */
function isAbsence(message: ConsoleMessage): boolean {
  const { url } = message.location();
  return MAYBE_ABSENT.some(({ path, status }) => url.includes(path) && message.text().includes(status));
}

/** The page as a person uses it. */
export class Desk {
  readonly page: Page;
  readonly server: Server;
  readonly chart: Locator;

  constructor(page: Page, server: Server) {
    this.page = page;
    this.server = server;
    this.chart = page.getByTestId("chart");
  }

  /** Opens the page without the first-visit line, and waits for candles. */
  async open(path = `/live?s=${SERIES}`): Promise<void> {
    await this.visit(path);
    await this.ready();
  }

  async visit(path: string): Promise<void> {
    await this.page.addInitScript(() => localStorage.setItem("tc:v1:hints", '{"firstRun":false}'));
    await this.page.goto(this.server.url + path);
  }

  async ready(): Promise<void> {
    await expect(this.chart).toHaveAttribute("data-status", "ready");
  }

  async number(attribute: string): Promise<number> {
    return Number(await this.chart.getAttribute(attribute));
  }

  /** Waits until drawings cover the newest candle. */
  async drawn(): Promise<void> {
    await expect(this.chart).toHaveAttribute("data-draw-status", "ok");
    await expect
      .poll(async () => (await this.number("data-draw-to")) === (await this.number("data-last-time")))
      .toBe(true);
  }

  /** Drags the plot to the right, towards the past. */
  async panLeft(pixels: number): Promise<void> {
    const box = await this.chart.boundingBox();
    if (!box) throw new Error("the chart is not on the screen");
    const y = box.y + box.height / 2;
    const x = box.x + 80;
    await this.page.mouse.move(x, y);
    await this.page.mouse.down();
    await this.page.mouse.move(x + pixels, y, { steps: 12 });
    await this.page.mouse.up();
    await this.frames(3);
  }

  /** Lets frames pass: the last input is painted, and the facts that follow the paint are written. */
  async frames(count: number): Promise<void> {
    await this.page.evaluate(async (count) => {
      for (let frame = 0; frame < count; frame += 1) await new Promise(requestAnimationFrame);
    }, count);
  }

  /** Puts the pointer where it touches nothing. */
  async rest(): Promise<void> {
    await this.page.mouse.move(2, 2);
  }

  command(id: string): Locator {
    return this.page.locator(`[data-cmd="${id}"]`);
  }

  factor(key: string): Locator {
    return this.page.locator(`[data-factor="${key}"]`);
  }
}
