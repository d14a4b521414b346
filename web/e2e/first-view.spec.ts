import type { Page } from "@playwright/test";
import { store, walk } from "./support/market";
import { picture, plotBox, token } from "./support/pixels";
import { expect, SERIES, test } from "./support/test";

test("the first candles paint, in both direction colours, with drawings", async ({ desk, server, page }) => {
  const candles = walk(3_000);
  await store(server.url, SERIES, candles);
  await desk.open();
  await desk.drawn();

  const last = candles.at(-1);
  await expect(desk.chart).toHaveAttribute("data-series", SERIES);
  await expect(desk.chart).toHaveAttribute("data-mode", "live");
  await expect(desk.chart).toHaveAttribute("data-candles", "2000");
  await expect(desk.chart).toHaveAttribute("data-last-time", String(last?.candle_time));
  await expect(desk.chart).toHaveAttribute("data-last-close", String(last?.close));
  await expect(desk.chart).toHaveAttribute("data-follow", "true");
  expect(await desk.number("data-count-pen-confirmed")).toBeGreaterThan(0);
  expect(await desk.number("data-count-pen-segments")).toBeGreaterThan(10);
  expect(await desk.number("data-shown-pivot-major")).toBeGreaterThan(0);

  await desk.rest();
  const box = await plotBox(desk.chart);
  const shown = await picture(page, box);
  const least = box.width * box.height * 0.005;
  expect(shown.count(await token(page, "--up"))).toBeGreaterThanOrEqual(least);
  expect(shown.count(await token(page, "--down"))).toBeGreaterThanOrEqual(least);
});

test("about 150 bars are in view, with room at the right", async ({ desk, server }) => {
  await store(server.url, SERIES, walk(600));
  await desk.open();
  const bars = ((await desk.number("data-visible-to")) - (await desk.number("data-visible-from"))) / 60;
  expect(bars).toBeGreaterThan(100);
  expect(bars).toBeLessThan(260);
  const spacing = await desk.number("data-bar-spacing");
  expect(spacing).toBeGreaterThanOrEqual(4.5);
  expect(spacing).toBeLessThanOrEqual(14);
});

test("the first candle waits for nothing but the candles", async ({ desk, server, page }) => {
  await store(server.url, SERIES, walk(2_000));
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const others = (url: URL) => url.pathname.startsWith("/api/") && url.pathname !== "/api/market/candles";
  await page.route(others, async (route) => {
    await released;
    await route.continue();
  });
  await page.routeWebSocket("**/ws/**", () => undefined);
  await desk.visit(`/live?s=${SERIES}`);
  await expect.poll(() => marks(page)).toEqual(["tc:first-candle"]);
  await expect(desk.chart).toHaveAttribute("data-candles", "2000");

  release();
  await desk.drawn();
  expect(await marks(page)).toEqual(["tc:first-candle", "tc:first-frame"]);
});

/** What has been painted, in its order. */
function marks(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    performance
      .getEntriesByType("mark")
      .map(({ name }) => name)
      .filter((name) => name.startsWith("tc:first")),
  );
}

test("an empty store says so and offers a way on", async ({ desk, page }) => {
  await desk.visit(`/live?s=${SERIES}`);
  await expect(desk.chart).toHaveAttribute("data-status", "empty");
  await expect(page.getByTestId("chart-empty")).toContainText("No candles stored for this series yet");
  await page.getByTestId("chart-empty").getByRole("button").click();
  await expect(page.getByTestId("symbol-search")).toBeVisible();
});

test("without a series in the address the stored one opens", async ({ desk, server, page }) => {
  await store(server.url, SERIES, walk(300));
  await desk.visit("/");
  await desk.ready();
  await expect(desk.chart).toHaveAttribute("data-series", SERIES);
  await expect(page).toHaveURL(new RegExp(`/live\\?s=${SERIES}`));
});
