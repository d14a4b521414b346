import type { Page } from "@playwright/test";
import { after, close, store, walk } from "./support/market";
import { BARE, expect, SERIES, test } from "./support/test";

const LOG = '[data-panel="log"]';

async function openLog(page: Page): Promise<void> {
  await page.keyboard.press("Control+j");
  await expect(page.locator(LOG)).toBeVisible();
}

test("the bottom dock opens, is resized, remembered and folded by keys", async ({ desk, server, page }) => {
  await store(server.url, SERIES, walk(600));
  await desk.open();
  const dock = page.locator('[data-region="bottom"]');
  expect((await dock.boundingBox())?.height).toBeCloseTo(32, -1);
  await openLog(page);
  await expect(page).toHaveURL(/&d=log/);
  expect((await dock.boundingBox())?.height).toBeCloseTo(281, 0);
  const splitter = dock.getByRole("separator");
  await splitter.press("ArrowUp");
  await splitter.press("ArrowUp");
  await expect(splitter).toHaveAttribute("aria-valuenow", "312");
  await page.reload();
  await desk.ready();
  await expect(splitter).toHaveAttribute("aria-valuenow", "312");
  await splitter.dblclick();
  await expect(splitter).toHaveAttribute("aria-valuenow", "280");
  await splitter.press("Enter");
  await expect(page.locator(LOG)).toHaveCount(0);
  await expect(page).toHaveURL(/&d=none/);
});

test("one key folds both docks and brings both back", async ({ desk, server, page }) => {
  await store(server.url, SERIES, walk(600));
  await desk.open(`/live?s=${SERIES}&p=factors&d=log`);
  await expect(page.locator(LOG)).toBeVisible();
  await page.keyboard.press("Alt+Enter");
  await expect(page.locator(LOG)).toHaveCount(0);
  await expect(page.locator('[data-panel="factors"]')).toHaveCount(0);
  await page.keyboard.press("Alt+Enter");
  await expect(page.locator(LOG)).toBeVisible();
  await expect(page.locator('[data-panel="factors"]')).toBeVisible();
});

test("a rebuild is told by a toast off the newest bar, and stays in the log", async ({ desk, server, page }) => {
  const candles = walk(900);
  await store(server.url, SERIES, candles);
  await desk.open(`/live?s=${SERIES}&d=log`);
  await desk.drawn();
  const old = candles[700] as (typeof candles)[number];
  await close(server.url, SERIES, { ...old, close: old.close + 3, high: old.high + 9 });
  const toast = page.locator('[data-toast="rebuild"]');
  await expect(toast).toContainText(/TEST\/USDT 1m .*from \d{4}-\d\d-\d\d \d\d:\d\d/);
  const box = await toast.boundingBox();
  const dock = await page.locator('[data-region="bottom"]').boundingBox();
  const plot = await desk.chart.boundingBox();
  if (!box || !dock || !plot) throw new Error("not on the screen");
  expect(box.y + box.height).toBeLessThan(dock.y);
  // Twelve bars of margin and the newest one stay free, and so does the axis.
  const spacing = await desk.number("data-bar-spacing");
  expect(box.x + box.width).toBeLessThan(plot.x + plot.width - 56 - 12 * spacing);
  await expect(page.locator(`${LOG} [data-kind="rebuild"]`)).toHaveCount(1);
  await expect(page.locator(`${LOG} [data-kind="notice"]`)).toContainText("TEST/USDT 1m");
});

test("with an open debug gate the server's events are rows; filters, pause and copy work", async ({
  desk,
  server,
  page,
  context,
}) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const candles = walk(900);
  await store(server.url, SERIES, candles);
  await desk.open(`/live?s=${SERIES}&d=log`);
  await desk.drawn();
  const panel = page.locator(LOG);
  await expect(panel).toHaveAttribute("data-gate", "open");
  const done = panel.locator('[data-kind="server"]', { hasText: "write.http.ingest_candle_closed_done" });
  await page.getByRole("searchbox", { name: "Text in the log" }).fill("candle_closed_done");
  await expect(panel).toHaveAttribute("data-state", "empty");
  const last = candles.at(-1) as (typeof candles)[number];
  const next = after(last, last.close + 1);
  await close(server.url, SERIES, next);
  await expect(done).toHaveCount(1);
  await expect(done).toContainText(/\d\d:\d\d:\d\d\.\d{3}/);

  await desk.command("log.pause").click();
  await close(server.url, SERIES, after(next, next.close + 1));
  await expect(panel).toContainText(/new rows? while paused/);
  await expect(done).toHaveCount(1);
  await desk.command("log.pause").click();
  await expect(done).toHaveCount(2);

  await done.first().click();
  await expect(page.getByTestId("log-detail")).toContainText("write.http.ingest_candle_closed_done");

  await desk.command("log.copyAll").click();
  await expect(page.locator('[data-toast="copied"]')).toContainText("2 rows copied");
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  expect(copied.split("\n")).toHaveLength(2);
  expect(copied).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} UTC\tinfo\tServer\tbinance:futures:TEST\/USDT:1m\t/);
});

test.describe("behind a closed gate", () => {
  test.use({ args: [...BARE.filter((name) => name !== "--enable-debug-api")] });

  test("the log is that of the page: losses with their length", async ({ desk, server, page, complaints }) => {
    await store(server.url, SERIES, walk(600));
    await desk.open(`/live?s=${SERIES}&d=log`);
    const panel = page.locator(LOG);
    await expect(panel).toHaveAttribute("data-gate", "closed");
    await expect(panel).toContainText("This page only");
    await expect(panel.locator('[data-kind="connected"]')).toHaveCount(1);
    await page.context().setOffline(true);
    await page.evaluate(() => dispatchEvent(new Event("offline")));
    await expect(panel.locator('[data-kind="offline"]')).toHaveCount(1);
    await page.context().setOffline(false);
    await expect(panel.locator('[data-kind="restored"]')).toContainText("Connected again after");
    // A refused handshake and requests without a network are errors to the browser.
    expect(complaints.every((text) => /WebSocket|ERR_INTERNET_DISCONNECTED/.test(text))).toBe(true);
    complaints.length = 0;
  });
});

test("its tools take one row on a tablet and two on a phone", async ({ desk, server, page }) => {
  await store(server.url, SERIES, walk(600));
  for (const [width, rows] of [
    [820, 1],
    [390, 2],
  ] as const) {
    await page.setViewportSize({ width, height: 844 });
    await desk.open(`/live?s=${SERIES}&d=log`);
    const tools = page.locator(LOG).locator(".log-tools");
    if (!(await tools.isVisible())) {
      await desk.command("menu.open").click();
      await page.getByRole("menuitem", { name: "Log" }).click();
    }
    const middles = await tools.locator("> *").evaluateAll((parts) =>
      parts.map((part) => {
        const { top, height } = part.getBoundingClientRect();
        return top + height / 2;
      }),
    );
    middles.sort((a, b) => a - b);
    const steps = middles.filter((middle, at) => at > 0 && middle - (middles[at - 1] ?? 0) > 14);
    expect(1 + steps.length, `${width}`).toBe(rows);
    const overflow = await tools.evaluate((node) => node.scrollWidth - node.clientWidth);
    expect(overflow, `${width}`).toBeLessThanOrEqual(0);
  }
});

test("a phone reads it in a sheet, in Chinese", async ({ desk, server, page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await page.addInitScript(() => localStorage.setItem("tc:v1:preferences", '{"language":"zh-CN"}'));
  await store(server.url, SERIES, walk(600));
  await desk.open();
  await desk.command("menu.open").click();
  await page.getByRole("menuitem", { name: "日志" }).click();
  await expect(page.locator(LOG)).toHaveAttribute("data-state", "ready");
  await expect(page.locator(LOG).locator('[data-kind="connected"]')).toContainText("已连接到服务器");
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
});
