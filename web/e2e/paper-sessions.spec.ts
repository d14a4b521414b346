import { type Candle, lastTime, MINUTE, rolledUp, store, walk } from "./support/market";
import { BARE, type Desk, expect, SERIES, test } from "./support/test";

test.use({ args: BARE });

const FIVE = 5 * MINUTE;
const FIVES = SERIES.replace(":1m", ":5m");
const OTHER = SERIES.replace("TEST", "OTHER");
const candles = walk(1_200, { end: lastTime(FIVE) + FIVE - MINUTE });
const bar = (index: number): Candle => candles[index] as Candle;

async function standsAt(desk: Desk, index: number): Promise<void> {
  await expect(desk.chart).toHaveAttribute("data-replay-time", String(bar(index).candle_time));
}

/** A long position since bar 601, seen from bar 602. */
async function holding(desk: Desk, more = ""): Promise<void> {
  await store(desk.server.url, SERIES, candles);
  await store(desk.server.url, FIVES, rolledUp(candles, FIVE));
  await store(desk.server.url, OTHER, candles);
  await desk.open(`/replay?s=${SERIES}&t=${bar(600).candle_time}${more}`);
  await standsAt(desk, 600);
  await desk.chart.focus();
  await desk.page.keyboard.press("Shift+B");
  await expect(desk.chart).toHaveAttribute("data-orders", "1");
  for (const index of [601, 602]) {
    await desk.page.keyboard.press(".");
    await standsAt(desk, index);
  }
  await expect(desk.chart).toHaveAttribute("data-position", "long");
}

test("a position goes along to another timeframe, where its orders fill in the shorter candles", async ({
  desk,
  page,
}) => {
  await holding(desk, "&d=orders");
  const panel = page.locator('[data-panel="orders"]');
  const equity = () => panel.locator('[data-metric="equity"]').getAttribute("data-value");
  const before = await equity();
  await desk.command("timeframe.5m").first().click();
  await expect(desk.chart).toHaveAttribute("data-series", FIVES);
  await standsAt(desk, 602);
  await expect(desk.chart).toHaveAttribute("data-position", "long");
  expect(await equity()).toBe(before);
  await panel.locator('[data-cmd="paper.close"]').click();
  await desk.chart.focus();
  await page.keyboard.press(".");
  await standsAt(desk, 603);
  await expect(desk.chart).toHaveAttribute("data-trades", "1");
  await expect(panel).toContainText(bar(603).open.toFixed(1));
  await desk.command("timeframe.1m").first().click();
  await expect(desk.chart).toHaveAttribute("data-series", SERIES);
  await expect(desk.chart).toHaveAttribute("data-trades", "1");
});

test("a position outlives a reload", async ({ desk, page }) => {
  await holding(desk);
  await expect(page).toHaveURL(new RegExp(`t=${bar(602).candle_time}`));
  await page.reload();
  await standsAt(desk, 602);
  await expect(desk.chart).toHaveAttribute("data-position", "long");
  await expect(desk.chart).toHaveAttribute("data-fills", "1");
  const kept = await page.evaluate(() => JSON.parse(localStorage.getItem("tc:v1:paper-sessions") ?? "{}"));
  expect(kept.sessions).toHaveLength(1);
});

test("another market asks about an open position, and Cancel stays", async ({ desk, page }) => {
  await holding(desk);
  const other = async () => {
    await page.keyboard.press("o");
    await expect(page.getByTestId("symbol-search").getByRole("combobox")).toHaveValue("o");
    await page.keyboard.type("ther");
    await expect(page.locator('[data-key="binance:futures:OTHER/USDT"]')).toHaveAttribute("aria-selected", "true");
    await page.keyboard.press("Enter");
  };
  await other();
  const dialog = page.getByTestId("paper-leave");
  await expect(dialog).toBeVisible();
  await dialog.locator('[data-cmd="paper.leave.cancel"]').click();
  await expect(desk.chart).toHaveAttribute("data-series", SERIES);
  await expect(desk.chart).toHaveAttribute("data-position", "long");
  await desk.chart.focus();
  await other();
  await dialog.locator('[data-cmd="paper.leave.keep"]').click();
  await expect(desk.chart).toHaveAttribute("data-series", OTHER);
  await expect(page).toHaveURL(/OTHER/);
  await standsAt(desk, 602);
});

test("a kept session is taken up again where it ended", async ({ desk, page }) => {
  await holding(desk);
  await page.keyboard.press("Alt+b");
  await page.getByTestId("paper-leave").locator('[data-cmd="paper.leave.keep"]').click();
  await expect(desk.chart).toHaveAttribute("data-mode", "live");
  await page.goto(`${desk.server.url}/replay?s=${SERIES}&t=${bar(300).candle_time}&d=orders`);
  await standsAt(desk, 300);
  const panel = page.locator('[data-panel="orders"]');
  await expect(panel).toHaveAttribute("data-state", "empty");
  await panel.locator('[data-cmd="paper.sessions"]').click();
  const session = panel.getByTestId("paper-sessions").locator("li").first();
  await expect(session).toContainText("TEST/USDT");
  await expect(session).toContainText("0 trades, long");
  await session.locator('[data-cmd="paper.resumeSession"]').click();
  await standsAt(desk, 602);
  await expect(desk.chart).toHaveAttribute("data-position", "long");
  await page.keyboard.press("Escape");
  await desk.chart.focus();
  await page.keyboard.press("Shift+X");
  await page.keyboard.press(".");
  await standsAt(desk, 603);
  await expect(desk.chart).toHaveAttribute("data-trades", "1");
});
