/** Backtests over time: runs come back, are asked for again, and speak the language of the reader. */
import type { Locator, Page } from "@playwright/test";
import { lastTime, store, walk } from "./support/market";
import { BARE, type Desk, expect, SERIES, test } from "./support/test";

test.use({ args: BARE });

const candles = walk(3_000, { end: lastTime() });

const panelOf = (page: Page): Locator => page.locator('[data-panel="backtest"]');

async function opened(desk: Desk, path = `/backtest?s=${SERIES}`): Promise<void> {
  await store(desk.server.url, SERIES, candles);
  await desk.open(path);
  await desk.drawn();
}

/** Runs a strategy with the engine of the program, or a sweep of it; the id of what ran. */
async function ran(desk: Desk, more: Record<string, unknown> = {}): Promise<string> {
  const order = { engine: "native", strategy_name: "PenDirection", pair: "TEST/USDT", timeframe: "1m", ...more };
  const response = await fetch(`${desk.server.url}/api/backtest/${"grid" in more ? "sweep" : "run"}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(order),
  });
  return ((await response.json()) as { run_id: string }).run_id;
}

test("the open run and its trade come back from live and from a replay", async ({ desk, page }) => {
  await store(desk.server.url, SERIES, candles);
  const id = await ran(desk);
  await desk.open(`/backtest?s=${SERIES}&run=${id}`);
  const list = page.getByTestId("backtest-trades").getByRole("listbox");
  await list.locator('[data-key="5"]').click();
  await expect(desk.chart).toHaveAttribute("data-trade", "5");
  const [from, to] = [await desk.number("data-visible-from"), await desk.number("data-visible-to")];
  await desk.command("mode.live").click();
  await expect(page).toHaveURL(/\/live\?/);
  await expect(desk.chart).not.toHaveAttribute("data-trade", "5");
  await desk.command("mode.backtest").click();
  await expect(page).toHaveURL(new RegExp(`/backtest\\?.*run=${id}&trade=5`));
  await expect(panelOf(page).locator(`article[data-key="${id}"]`)).toHaveAttribute("data-state", "done");
  await expect(desk.chart).toHaveAttribute("data-trade", "5");
  await desk.command("backtest.replay").click();
  await expect(page).toHaveURL(/\/replay\?/);
  await expect(desk.chart).toHaveAttribute("data-mode", "replay");
  await desk.command("mode.backtest").click();
  await expect(page).toHaveURL(new RegExp(`/backtest\\?.*run=${id}&trade=5`));
  await expect(desk.chart).toHaveAttribute("data-trade", "5");
  await expect.poll(async () => (await desk.number("data-visible-to")) - to).toBeLessThanOrEqual(120);
  expect(Math.abs((await desk.number("data-visible-from")) - from)).toBeLessThanOrEqual(120);
});

test("the range of a run comes into the form with its parameters, and the form goes on following the chart", async ({
  desk,
  page,
}) => {
  await store(desk.server.url, SERIES, candles);
  const middle = candles[1_500]?.candle_time ?? 0;
  const timerange = `${middle}-${middle + 36_000}`;
  const id = await ran(desk, { timerange, grid: { max_candles: { from: 10, to: 30, step: 10 } } });
  await desk.open(`/backtest?s=${SERIES}&run=${id}`);
  const panel = panelOf(page);
  const sweep = page.getByTestId("backtest-sweep");
  await sweep.locator("button[data-at]").first().click();
  await expect(panel.getByRole("radio", { name: "As the run" })).toBeChecked();
  await expect(desk.command("backtest.follow")).toHaveCount(0);
  const [request] = await Promise.all([
    page.waitForRequest("**/api/backtest/run?*"),
    page.keyboard.press("Control+Enter"),
  ]);
  expect(request.postDataJSON()).toMatchObject({ timerange, pair: "TEST/USDT", timeframe: "1m" });
  await panel.locator('[data-field="timeframe"] select').selectOption("4h");
  await desk.command("backtest.follow").click();
  await expect(panel.locator('[data-field="timeframe"] select')).toHaveValue("1m");
});

test("in Chinese the strategies, their parameters and refusals are Chinese", async ({ desk, page }) => {
  await page.addInitScript(() => localStorage.setItem("tc:v1:preferences", JSON.stringify({ language: "zh-CN" })));
  await opened(desk, `/backtest?s=${SERIES}&run=gone`);
  const panel = panelOf(page);
  const words = /^[^a-z]*[\u4e00-\u9fff]/;
  await expect(panel.locator('[data-error-code="backtest.run_not_found"]')).toContainText("没有此编号的回测");
  for (const name of ["PenDirection", "SrRejection", "ZhongshuBreakout"]) {
    await panel.getByRole("combobox", { name: "策略" }).fill(name);
    await page.keyboard.press("Enter");
    await expect(panel.locator('[data-field="strategy"] p')).toHaveText(words);
    const labels = await panel.locator('[data-field^="param."] > label').allTextContents();
    expect(labels.length).toBeGreaterThan(2);
    for (const label of labels) expect(label).toMatch(words);
    for (const tip of await panel.locator('[data-testid="backtest-params"] > [data-tip]').all())
      expect(await tip.getAttribute("data-tip")).toMatch(words);
  }
});
