import { store, walk } from "./support/market";
import { expect, SERIES, test } from "./support/test";

const OTHER = "binance:futures:OTHER/USDT:1m";
const HIGHER = "binance:futures:TEST/USDT:5m";

test("panning left loads more and never moves the view", async ({ desk, server }) => {
  const candles = walk(5_000);
  await store(server.url, SERIES, candles);
  await desk.open();
  const first = await desk.number("data-first-time");
  await desk.chart.focus();
  await desk.page.keyboard.press("Home");
  await expect.poll(() => desk.number("data-candles")).toBeGreaterThan(3_000);
  expect(await desk.number("data-first-time")).toBeLessThan(first);
  for (let step = 0; step < 4; step += 1) {
    await desk.page.keyboard.press("Home");
    await expect(desk.chart).not.toHaveAttribute("data-history", "loading");
  }
  await expect(desk.chart).toHaveAttribute("data-history", "start");
  await expect(desk.chart).toHaveAttribute("data-candles", "5000");
  await expect(desk.chart).toHaveAttribute("data-first-time", String(candles[0]?.candle_time));
});

test("a drag that loads history keeps the bar under the pointer", async ({ desk, server }) => {
  await store(server.url, SERIES, walk(6_000));
  await desk.open();
  let before = await desk.number("data-candles");
  for (let drags = 0; drags < 40 && before === 2_000; drags += 1) {
    await desk.panLeft(900);
    before = await desk.number("data-candles");
  }
  await expect.poll(() => desk.number("data-candles")).toBeGreaterThan(2_000);
  await expect(desk.chart).not.toHaveAttribute("data-history", "loading");
  const from = await desk.number("data-visible-from");
  const to = await desk.number("data-visible-to");
  expect(to - from).toBeGreaterThan(60 * 60);
  expect(from).toBeGreaterThan(await desk.number("data-first-time"));
});

test("switching the series shows no blank frame and no old drawing", async ({ desk, server, page }) => {
  await store(server.url, SERIES, walk(2_000));
  await store(server.url, OTHER, walk(2_000, { seed: 99, start: 400 }));
  await desk.open();
  await desk.drawn();
  await page.evaluate(watchInk);
  await page.keyboard.press("o");
  await page.getByTestId("symbol-search").getByRole("combobox").fill("other");
  await expect(page.locator('[data-key="binance:futures:OTHER/USDT"]')).toBeVisible();
  await page.keyboard.press("Enter");
  await expect(desk.chart).toHaveAttribute("data-series", OTHER);
  await desk.drawn();
  const least = await page.evaluate(() => (window as unknown as Watched).leastInk());
  expect(least.frames).toBeGreaterThan(3);
  expect(least.ink, "coloured pixels in the emptiest frame").toBeGreaterThan(200);
  await expect(page).toHaveURL(new RegExp(`s=${OTHER}`));

  await page.goBack();
  await expect(desk.chart).toHaveAttribute("data-series", SERIES);
});

test("another timeframe keeps the right edge, and the menu takes one that is typed", async ({ desk, server, page }) => {
  await store(server.url, SERIES, walk(2_000));
  await store(server.url, HIGHER, walk(600, { step: 300 }));
  await desk.open();
  await desk.panLeft(500);
  await expect(desk.chart).toHaveAttribute("data-follow", "false");
  const edge = await desk.number("data-visible-to");
  await desk.command("timeframe.5m").click();
  await expect(desk.chart).toHaveAttribute("data-series", HIGHER);
  await desk.ready();
  // The library applies a view with its next frame.
  await expect.poll(async () => Math.abs((await desk.number("data-visible-to")) - edge)).toBeLessThanOrEqual(600);

  await desk.command("timeframe.more").click();
  await page.getByLabel("Other timeframe").fill("7x");
  await page.keyboard.press("Enter");
  await expect(page.getByLabel("Other timeframe")).toHaveAttribute("aria-invalid", "true");
  await page.getByLabel("Other timeframe").fill("7m");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/TEST\/USDT:7m/);
  await expect(desk.chart).toHaveAttribute("data-status", "empty");
});

interface Watched {
  leastInk: () => { ink: number; frames: number };
}

/** Counts, in every frame from now on, the pixels of the plot that are not background. Runs in the page. */
function watchInk(): void {
  const canvas = [...document.querySelectorAll<HTMLCanvasElement>('[data-testid="chart"] canvas')].sort(
    (a, b) => b.width * b.height - a.width * a.height,
  )[0];
  let ink = Number.MAX_SAFE_INTEGER;
  let frames = 0;
  const look = () => {
    const context = canvas?.isConnected ? canvas.getContext("2d") : null;
    const data = context?.getImageData(0, 0, canvas?.width ?? 1, canvas?.height ?? 1).data;
    let found = 0;
    for (let at = 0; data && at < data.length; at += 4 * 7) {
      const [red = 0, green = 0, blue = 0] = [data[at], data[at + 1], data[at + 2]];
      if (Math.max(red, green, blue) - Math.min(red, green, blue) > 60) found += 1;
    }
    ink = Math.min(ink, found);
    frames += 1;
    requestAnimationFrame(look);
  };
  look();
  (window as unknown as Watched).leastInk = () => ({ ink, frames });
}
