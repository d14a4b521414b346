import { after, close, store, walk } from "./support/market";
import { plotBox } from "./support/pixels";
import { type Desk, expect, SERIES, test } from "./support/test";

test.use({
  args: [
    ...["--profile", "bare", "--enable-debug-api", "--enable-dev-api"],
    ...["--pivot-window-major", "5", "--pivot-window-minor", "2"],
  ],
});

/** Clicks the body of the bar at a share of the plot's width. */
async function clickBar(desk: Desk, share: number): Promise<void> {
  const box = await plotBox(desk.chart);
  const x = box.x + box.width * share;
  await desk.chart.focus();
  await desk.page.mouse.move(x, box.y + 10);
  await desk.page.keyboard.press("Enter");
}

test("a bar is inspected: its candle, what changed, what followed", async ({ desk, server, page, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const candles = walk(1_500);
  await store(server.url, SERIES, candles);
  await desk.open();
  await desk.drawn();
  await clickBar(desk, 0.5);
  const panel = page.locator('[data-panel="inspector"]');
  await expect(panel).toHaveAttribute("data-state", "ready");
  const time = Number(await desk.chart.getAttribute("data-selected"));
  const candle = candles.find(({ candle_time }) => candle_time === time);
  const bar = page.getByTestId("inspector-bar");
  await expect(bar.locator("[data-time]")).toHaveAttribute("data-time", String(time));
  await expect(bar).toContainText(candle?.close.toFixed(2) ?? "no such candle");
  await bar.getByRole("button", { name: "Copy" }).click();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(`${SERIES}:${time}`);
  await expect(page.getByTestId("inspector-state")).toContainText("Anchor");
  await expect(page.getByTestId("inspector-footer")).toContainText("epoch 0");
});

test("it agrees with the slices of the server, and tells why the anchor switched", async ({ desk, server, page }) => {
  await store(server.url, SERIES, walk(1_500));
  await desk.open();
  await desk.drawn();
  const to = await desk.number("data-last-time");
  const query = `series_id=${encodeURIComponent(SERIES)}&at_time=${to}`;
  const slices = await (await fetch(`${server.url}/api/factor/slices?${query}`)).json();
  const { switches } = slices.snapshots.anchor.history;
  const { switch_time: time, reason } = switches[switches.length - 1];
  await desk.visit(`/live?s=${SERIES}&p=inspector&t=${time + 600}`);
  await desk.ready();
  await desk.drawn();
  await desk.chart.focus();
  await page.keyboard.press("ArrowLeft");
  for (let step = 0; step < 60; step += 1) {
    await page.keyboard.press("Enter");
    if ((await desk.chart.getAttribute("data-selected")) === String(time)) break;
    await page.keyboard.press("ArrowLeft");
  }
  await expect(desk.chart).toHaveAttribute("data-selected", String(time));
  const words = reason === "strong_pen" ? "strong pen" : "entry of a zone";
  await expect(page.locator('[data-change="switch"]').first()).toContainText(words);
});

test("unpinned it follows the crosshair, pinned it stays", async ({ desk, server, page }) => {
  await store(server.url, SERIES, walk(900));
  await desk.open(`/live?s=${SERIES}&p=inspector`);
  await desk.drawn();
  const box = await plotBox(desk.chart);
  const shown = page.getByTestId("inspector-bar").locator("[data-time]");
  await page.mouse.move(box.x + box.width * 0.3, box.y + 20);
  const early = await shown.getAttribute("data-time");
  await page.mouse.move(box.x + box.width * 0.6, box.y + 20);
  await expect(shown).not.toHaveAttribute("data-time", early ?? "");
  await page.getByRole("button", { name: "Stay at this bar" }).click();
  await expect(page.getByTestId("inspector-mode")).toHaveText("Pinned");
  const pinned = await shown.getAttribute("data-time");
  await page.mouse.move(box.x + box.width * 0.2, box.y + 20);
  await page.mouse.move(box.x + box.width * 0.25, box.y + 20);
  await expect(shown).toHaveAttribute("data-time", pinned ?? "");
  await page.keyboard.press("Escape");
  await expect(page.getByTestId("inspector-mode")).toHaveText("Follows the crosshair");
});

test("it is reached and read without a mouse, in both languages", async ({ desk, server, page }) => {
  await store(server.url, SERIES, walk(900));
  await desk.open();
  await desk.drawn();
  await desk.chart.focus();
  await page.keyboard.press("Alt+o");
  const panel = page.locator('[data-panel="inspector"]');
  await expect(panel).toHaveAttribute("data-state", "ready");
  await page.keyboard.press("F6");
  const region = () =>
    page.evaluate(() => document.activeElement?.closest("[data-region]")?.getAttribute("data-region"));
  expect(await region()).toBe("dock");
  await page.keyboard.press("Control+k");
  await page.getByTestId("palette").getByRole("combobox").fill("english and chinese");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "检查器" })).toBeVisible();
  await expect(page.getByTestId("inspector-state")).toContainText("锚");
  await expect(page.getByTestId("inspector-footer")).toContainText("版本 0");
});

test("the newest bar is followed as it closes", async ({ desk, server, page }) => {
  const candles = walk(900);
  await store(server.url, SERIES, candles);
  await desk.open(`/live?s=${SERIES}&p=inspector`);
  await desk.drawn();
  const shown = page.getByTestId("inspector-bar").locator("[data-time]");
  const last = candles.at(-1) as (typeof candles)[number];
  await expect(shown).toHaveAttribute("data-time", String(last.candle_time));
  const next = after(last, last.close + 4);
  await close(server.url, SERIES, next);
  await expect(shown).toHaveAttribute("data-time", String(next.candle_time));
  await expect(page.locator('[data-panel="inspector"]')).toHaveAttribute("data-state", "ready");
});
