import { after, close, store, walk } from "./support/market";
import { startServer } from "./support/server";
import { BARE, expect, SERIES, test } from "./support/test";

test("a reload keeps series, zoom, place, factors, theme and scale", async ({ desk, server, page }) => {
  await store(server.url, SERIES, walk(2_000));
  await desk.open();
  await desk.drawn();
  await desk.factor("pivot.minor").click();
  await page.keyboard.press("Alt+l");
  await expect(desk.chart).toHaveAttribute("data-price-scale", "log");
  await desk.chart.focus();
  await page.keyboard.press("+");
  await page.keyboard.press("+");
  await desk.panLeft(600);
  await expect(page).toHaveURL(/&t=\d+&n=\d+/);
  await expect
    .poll(async () => Number(new URL(page.url()).searchParams.get("t")))
    .toBe(await desk.number("data-visible-to"));
  const to = await desk.number("data-visible-to");
  const spacing = await desk.number("data-bar-spacing");

  await page.reload();
  await desk.ready();
  await expect(desk.chart).toHaveAttribute("data-follow", "false");
  await expect(desk.chart).toHaveAttribute("data-price-scale", "log");
  await expect(desk.factor("pivot.minor")).toHaveAttribute("aria-checked", "true");
  expect(Math.abs((await desk.number("data-visible-to")) - to)).toBeLessThanOrEqual(120);
  expect(Math.abs((await desk.number("data-bar-spacing")) - spacing)).toBeLessThan(0.6);
});

test("the dock is folded, resized and remembered", async ({ desk, server, page }) => {
  await store(server.url, SERIES, walk(300));
  await desk.open();
  const panel = page.locator('[data-panel="factors"]');
  await expect(panel).toBeVisible();
  const splitter = page.getByRole("separator");
  const width = Number(await splitter.getAttribute("aria-valuenow"));
  await splitter.focus();
  await page.keyboard.press("ArrowLeft");
  await expect(splitter).toHaveAttribute("aria-valuenow", String(width + 16));
  await desk.chart.focus();
  await page.keyboard.press("Alt+f");
  await expect(panel).toHaveCount(0);
  await page.reload();
  await desk.ready();
  await expect(panel).toHaveCount(0);
  await page.keyboard.press("Control+\\");
  await expect(panel).toBeVisible();
  await expect(page.getByRole("separator")).toHaveAttribute("aria-valuenow", String(width + 16));
});

test("after a restart of the server the chart heals by itself", async ({ desk, server, page, complaints }) => {
  const candles = walk(900);
  await store(server.url, SERIES, candles);
  await desk.open();
  await expect(page.locator("[data-socket]")).toHaveAttribute("data-socket", "open");
  await server.stop();
  await expect(page.locator("[data-health]")).toHaveAttribute("data-health", "reconnecting");
  await expect(page.getByTestId("offline-bar")).toContainText("Connection lost");
  await expect(desk.chart).toHaveAttribute("data-candles", "900");

  const again = await startServer({ args: BARE, folder: server.folder, port: Number(new URL(server.url).port) });
  try {
    const next = after(candles[candles.length - 1] as (typeof candles)[number], 1_500);
    await close(again.url, SERIES, next);
    await page
      .locator('[data-cmd="connection.retry"]')
      .click({ timeout: 5_000 })
      .catch(() => undefined);
    await expect(page.locator("[data-socket]")).toHaveAttribute("data-socket", "open");
    await expect(page.getByTestId("offline-bar")).toHaveCount(0);
    await expect(desk.chart).toHaveAttribute("data-last-close", "1500");
    await desk.drawn();
  } finally {
    await again.stop();
  }
  // Connections that are refused or cut are what this story is about.
  const others = complaints.filter((text) => !/ERR_(CONNECTION|SOCKET|EMPTY_RESPONSE)|WebSocket connection/.test(text));
  expect(others).toEqual([]);
  complaints.length = 0;
});

test("a browser without network says so and comes back", async ({ desk, server, page, complaints }) => {
  await store(server.url, SERIES, walk(300));
  await desk.open();
  await page.context().setOffline(true);
  await expect(page.locator("[data-health]")).toHaveAttribute("data-health", "offline");
  await expect(page.getByTestId("offline-bar")).toContainText("offline");
  await page.context().setOffline(false);
  await expect(page.getByTestId("offline-bar")).toHaveCount(0);
  await expect(page.locator("[data-socket]")).toHaveAttribute("data-socket", "open");
  complaints.length = 0;
});
