import { Backtests, spanOf, TRADES } from "./support/backtests";
import { lastTime, store, walk } from "./support/market";
import { BARE, type Desk, expect, SERIES, test } from "./support/test";

test.use({ args: BARE });

const candles = walk(1_400, { end: lastTime() });

const lastOf = (all: typeof candles) => all.at(-1)?.candle_time ?? 0;

/** The page with runs `first` and `second` on the server, of more candles than are stored there if it is said so. */
async function opened(desk: Desk, path: string, stored = candles): Promise<Backtests> {
  const backtests = new Backtests(candles);
  backtests.keep("first", { max_candles: 0, fade: 0 });
  backtests.keep("second", { max_candles: 0, fade: 1 });
  await backtests.serve(desk.page);
  await store(desk.server.url, SERIES, stored);
  await desk.open(path);
  return backtests;
}

test("a strategy is chosen, run with the key, followed and read", async ({ desk, page }) => {
  const backtests = await opened(desk, `/live?s=${SERIES}`);
  await desk.command("mode.backtest").click();
  await expect(page).toHaveURL(/\/backtest\?/);
  const panel = page.locator('[data-panel="backtest"]');
  await expect(panel).toHaveAttribute("data-rows", "2");
  await expect(desk.chart).toHaveAttribute("data-mode", "backtest");
  await panel.getByRole("combobox", { name: "Strategy" }).fill("pen");
  await page.keyboard.press("Enter");
  await panel.getByLabel("Longest pen").first().fill("700");
  await expect(desk.command("backtest.run")).toBeDisabled();
  await expect(panel.getByText("This must lie between 0 and 500.")).toBeVisible();
  await panel.getByLabel("Longest pen").first().fill("70");
  await page.keyboard.press("Control+Enter");
  await expect(page).toHaveURL(/run=new/);
  const row = panel.locator('li[data-key="new"]');
  await expect(row).toHaveAttribute("data-state", "running");
  await expect(row).toContainText("simulating · 40%");
  backtests.keep("new", { max_candles: 70, fade: 0 });
  await expect(row).toHaveAttribute("data-state", "done");
  await expect(panel.locator('[data-metric="total_trades"]')).toHaveAttribute("data-value", String(TRADES));
  await expect(panel.locator('[data-metric="sharpe"]')).toContainText("n/a");
  await expect(panel.locator("[data-bias]")).toHaveAttribute("data-bias", "unchecked");
  await expect(panel.locator('[data-warning="funding_data_missing"]')).toBeVisible();
  await expect(desk.chart).toHaveAttribute("data-trades", String(TRADES));
});

test("a trade brings the chart to it, keys go on, and the replay begins at its entry", async ({ desk, page }) => {
  await opened(desk, `/backtest?s=${SERIES}&run=first`);
  const list = page.getByTestId("backtest-trades").getByRole("listbox");
  await list.locator('[data-key="3"]').click();
  await expect(page).toHaveURL(/trade=3/);
  await expect(desk.chart).toHaveAttribute("data-trade", "3");
  const inView = async (index: number) => {
    const { open, close } = spanOf(candles, index);
    const [from, to] = [await desk.number("data-visible-from"), await desk.number("data-visible-to")];
    return from < open.candle_time && close.candle_time < to;
  };
  await expect.poll(() => inView(3)).toBe(true);
  const known = page.getByTestId("backtest-known");
  await expect(desk.chart).toHaveAttribute("data-known-at", String(spanOf(candles, 3).open.candle_time - 60));
  expect(await desk.number("data-draw-to")).toBe(await desk.number("data-known-at"));
  await expect(known).toHaveAttribute("data-state", "known");
  await expect(desk.chart).toHaveAttribute("data-stop-in-view", "true");
  await desk.command("backtest.known").click();
  await expect(known).toHaveAttribute("data-state", "now");
  await expect(desk.chart).toHaveAttribute("data-draw-to", String(lastOf(candles)));
  await desk.command("backtest.known").click();
  await expect(desk.chart).toHaveAttribute("data-draw-to", String(spanOf(candles, 3).open.candle_time - 60));
  await list.focus();
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  await expect(desk.chart).toHaveAttribute("data-trade", "5");
  await page.keyboard.press("k");
  await expect(page).toHaveURL(/trade=4/);
  await expect.poll(() => inView(4)).toBe(true);
  await page.goBack();
  await expect(desk.chart).toHaveAttribute("data-trade", "5");
  await page.goForward();
  await page.getByTestId("backtest-results").evaluate((node) => node.scrollTo(0, 0));
  await expect(desk.command("backtest.replay")).toBeInViewport();
  await desk.command("backtest.replay").click();
  await expect(page).toHaveURL(/\/replay\?/);
  await expect(known).toHaveCount(0);
  await expect(desk.chart).toHaveAttribute("data-replay-time", String(spanOf(candles, 4).open.candle_time));
  await page.goBack();
  await expect(page).toHaveURL(/\/backtest\?.*run=first&trade=4/);
  await expect(desk.chart).toHaveAttribute("data-trade", "4");
  await expect.poll(() => inView(4)).toBe(true);
});

test("a link to a trade leads to it, and leaves the chart to its reader from then on", async ({ desk, page }) => {
  await opened(desk, `/backtest?s=${SERIES}&run=first&trade=3`);
  const { open, close } = spanOf(candles, 3);
  await expect(desk.chart).toHaveAttribute("data-known-at", String(open.candle_time - 60));
  const inView = async () => {
    const [from, to] = [await desk.number("data-visible-from"), await desk.number("data-visible-to")];
    return from < open.candle_time && close.candle_time < to;
  };
  await expect.poll(inView).toBe(true);
  await desk.chart.focus();
  await page.keyboard.press("End");
  await expect(desk.chart).toHaveAttribute("data-follow", "true");
  await expect(page).not.toHaveURL(/[?&]t=/);
  await desk.frames(3);
  expect(await inView()).toBe(false);
  await expect(page).toHaveURL(/trade=3/);
});

test("the row that a key goes to is in view, whatever part of the results was", async ({ desk, page }) => {
  await opened(desk, `/backtest?s=${SERIES}&run=first`);
  const list = page.getByTestId("backtest-trades").getByRole("listbox");
  await list.locator('[data-key="0"]').click();
  await page.getByTestId("backtest-results").evaluate((node) => node.scrollTo(0, 0));
  await page.keyboard.press("End");
  await expect(list.locator(`[data-key="${TRADES - 1}"]`)).toBeInViewport({ ratio: 1 });
  await expect(desk.command("backtest.replay")).toBeInViewport();
});

test("a trade before the stored candles is said to be one, and is not replayed from another time", async ({
  desk,
  page,
  complaints,
}) => {
  await opened(desk, `/backtest?s=${SERIES}&run=first`, candles.slice(700));
  const list = page.getByTestId("backtest-trades").getByRole("listbox");
  await list.locator('[data-key="3"]').click();
  const known = page.getByTestId("backtest-known");
  await expect(known).toHaveAttribute("data-state", "missing");
  await expect(known).toContainText("not stored");
  await expect(page.getByTestId("backtest-chosen")).toContainText("not stored");
  await expect(desk.command("backtest.replay")).toHaveCount(0);
  await list.focus();
  await page.keyboard.press("End");
  await expect(known).toHaveAttribute("data-state", "known");
  await expect(desk.command("backtest.replay")).toBeVisible();
  // The browser lists the answer that there is no candle as an error.
  for (const one of complaints.splice(0)) expect(one).toContain("404");
});

test("runs are compared by the address, and deleted with a way back", async ({ desk, page }) => {
  const backtests = await opened(desk, `/backtest?s=${SERIES}&run=first&cmp=second`);
  const compare = page.getByTestId("backtest-compare");
  await expect(compare).toHaveAttribute("data-rows", "2");
  await expect(compare.locator('tr[data-key="fade"]')).toContainText("1");
  await desk.command("backtest.compare.close").click();
  await expect(page).not.toHaveURL(/cmp=/);
  const second = page.locator('li[data-key="second"]');
  await second.locator('[data-cmd="backtest.delete"]').click();
  await expect(second).toHaveCount(0);
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(second).toHaveCount(1);
  await second.locator('[data-cmd="backtest.delete"]').click();
  await expect.poll(() => backtests.runs.has("second"), { timeout: 12_000 }).toBe(false);
});

test("the workspace has its place at every width", async ({ desk, page }) => {
  await opened(desk, `/backtest?s=${SERIES}&run=first`);
  for (const width of [1_600, 1_280, 820, 390]) {
    await page.setViewportSize({ width, height: 900 });
    await expect(page.locator('[data-panel="backtest"]')).toBeVisible();
    await desk.frames(2);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
  }
});

test("a server without backtests has no such mode", async ({ desk, page }) => {
  await page.route("**/api/backtest/**", (route) => route.fulfill({ status: 404, json: { detail: "not_found" } }));
  await store(desk.server.url, SERIES, candles);
  await desk.visit(`/backtest?s=${SERIES}`);
  await expect(page).toHaveURL(/\/live\?/);
  await desk.ready();
  await expect(desk.command("mode.live")).toBeVisible();
  await expect(desk.command("mode.backtest")).toHaveCount(0);
});

test.describe("with the mock engine of the server", () => {
  test.use({ args: [...BARE, "--freqtrade-mock"] });

  test("its answer is shown for what it is: output, and nothing tested", async ({ desk, page }) => {
    await store(desk.server.url, SERIES, candles);
    await desk.open(`/backtest?s=${SERIES}`);
    const panel = page.locator('[data-panel="backtest"]');
    await expect(panel.locator('[data-field="engine"] input')).toHaveCount(1);
    await panel.getByRole("combobox", { name: "Strategy" }).fill("demo");
    await page.keyboard.press("Enter");
    await page.keyboard.press("Control+Enter");
    await expect(page.getByTestId("backtest-answer")).toContainText("tested nothing");
    await expect(page.getByTestId("backtest-raw").locator("textarea")).toHaveValue(/TRADE_CANVAS MOCK BACKTEST/);
    await expect(panel).toHaveAttribute("data-rows", "0");
  });
});
