import { after, close, form, store, walk } from "./support/market";
import { picture, plotBox } from "./support/pixels";
import { expect, SERIES, test } from "./support/test";

test("a closed candle arrives and the last bar changes", async ({ desk, server, page }) => {
  const candles = walk(1_200);
  await store(server.url, SERIES, candles);
  await desk.open();
  await desk.drawn();
  await desk.rest();
  const box = await plotBox(desk.chart);
  const before = await picture(page, box);
  const frames = await desk.number("data-frames");

  const next = after(candles[candles.length - 1] as (typeof candles)[number], 1_234.5);
  await close(server.url, SERIES, next);
  await expect(desk.chart).toHaveAttribute("data-last-time", String(next.candle_time));
  await expect(desk.chart).toHaveAttribute("data-last-close", "1234.5");
  await desk.drawn();
  expect(await desk.number("data-frames")).toBeGreaterThan(frames);
  const now = await picture(page, box);
  expect(now.differs(before).length).toBeGreaterThan(0);
});

test("the forming candle moves and becomes the closed one", async ({ desk, server }) => {
  const candles = walk(800);
  await store(server.url, SERIES, candles);
  await desk.open();
  const last = candles[candles.length - 1] as (typeof candles)[number];
  const next = after(last, last.close + 2);

  await form(server.url, SERIES, next);
  await expect(desk.chart).toHaveAttribute("data-forming-time", String(next.candle_time));
  await expect(desk.chart).toHaveAttribute("data-forming-close", String(next.close));
  const moved = after(last, last.close - 3);
  await form(server.url, SERIES, moved);
  await expect(desk.chart).toHaveAttribute("data-forming-close", String(moved.close));
  await expect(desk.chart).toHaveAttribute("data-last-time", String(last.candle_time));

  await close(server.url, SERIES, moved);
  await expect(desk.chart).toHaveAttribute("data-last-time", String(moved.candle_time));
  await expect(desk.chart).toHaveAttribute("data-forming-time", "");
});

test("away from the newest bar a close changes nothing left of the last two bars", async ({ desk, server, page }) => {
  const candles = walk(1_200);
  await store(server.url, SERIES, candles);
  await desk.open();
  await desk.drawn();
  await page.keyboard.press("Shift+1");
  await page.keyboard.press("Shift+1");
  await page.keyboard.press("Shift+2");
  await expect(desk.chart).toHaveAttribute("data-shown-pen-confirmed", "0");
  await expect(desk.chart).toHaveAttribute("data-shown-pivot-major", "0");
  await desk.panLeft(420);
  await expect(desk.chart).toHaveAttribute("data-follow", "false");
  await desk.rest();
  const box = await plotBox(desk.chart);
  const from = await desk.chart.getAttribute("data-visible-from");
  const before = await picture(page, box);

  const last = candles[candles.length - 1] as (typeof candles)[number];
  const next = after(last, last.close + 0.01);
  await close(server.url, SERIES, next);
  await expect(desk.chart).toHaveAttribute("data-last-time", String(next.candle_time));
  await expect(page.getByTestId("new-bars")).toHaveText("1 new bar");
  await expect(desk.chart).toHaveAttribute("data-visible-from", from ?? "");

  // The last price line crosses the whole plot; its row moves with the price and is left out.
  const now = await picture(page, box);
  const changed = now.differs(before, { x: 0, y: 0, width: Math.floor(box.width * 0.6), height: box.height });
  const rows = new Set<number>();
  for (const x of changed) {
    for (let y = 0; y < box.height; y += 1) if (now.at(x, y) !== before.at(x, y)) rows.add(y);
  }
  expect(rows.size).toBeLessThanOrEqual(4);

  await desk.command("chart.end").click();
  await expect(desk.chart).toHaveAttribute("data-follow", "true");
  await expect(page.getByTestId("new-bars")).toHaveCount(0);
});

test("a corrected candle redraws everything and tells of it once", async ({ desk, server, page }) => {
  const candles = walk(900);
  await store(server.url, SERIES, candles);
  await desk.open();
  await desk.drawn();
  const old = candles[700] as (typeof candles)[number];
  await close(server.url, SERIES, { ...old, close: old.high });
  await expect(page.locator('[data-toast="rebuild"]')).toContainText("TEST/USDT 1m");
  await expect(desk.chart).toHaveAttribute("data-epoch", "1");
  await desk.drawn();
});
