import { type Candle, lastTime, MINUTE, store, walk } from "./support/market";
import { BARE, type Desk, expect, SERIES, test } from "./support/test";

test.use({ args: BARE });

const BARS = 1_200;
const candles = walk(BARS, { end: lastTime() });
const bar = (index: number): Candle => candles[index] as Candle;

async function replayFrom(desk: Desk, index: number, more = ""): Promise<void> {
  await store(desk.server.url, SERIES, candles);
  await desk.open(`/replay?s=${SERIES}&t=${bar(index).candle_time}${more}`);
  await standsAt(desk, index);
  await desk.chart.focus();
}

async function standsAt(desk: Desk, index: number): Promise<void> {
  await expect(desk.chart).toHaveAttribute("data-replay-time", String(bar(index).candle_time));
}

async function forward(desk: Desk, to: number): Promise<void> {
  await desk.page.keyboard.press(".");
  await standsAt(desk, to);
}

test("a market order fills at the next open, and the position runs with the bars", async ({ desk, page }) => {
  await replayFrom(desk, 600, "&d=orders");
  const panel = page.locator('[data-panel="orders"]');
  await expect(panel).toHaveAttribute("data-state", "empty");
  await panel.locator('[data-field="size"]').fill("50");
  await panel.locator('[data-cmd="paper.place"]').click();
  await expect(desk.chart).toHaveAttribute("data-orders", "1");
  await expect(desk.chart).toHaveAttribute("data-position", "");
  await desk.chart.focus();
  await forward(desk, 601);
  await expect(desk.chart).toHaveAttribute("data-position", "long");
  await expect(desk.chart).toHaveAttribute("data-fills", "1");
  await expect(panel.getByTestId("paper-position")).toContainText(bar(601).open.toFixed(1));
  const before = await panel.locator('[data-metric="equity"]').getAttribute("data-value");
  await forward(desk, 602);
  await expect(panel.locator('[data-metric="equity"]')).not.toHaveAttribute("data-value", before ?? "");
  await panel.locator('[data-cmd="paper.close"]').click();
  await desk.chart.focus();
  await forward(desk, 603);
  await expect(desk.chart).toHaveAttribute("data-position", "");
  await expect(desk.chart).toHaveAttribute("data-trades", "1");
});

test("stepping back takes a fill back, and forward brings it again", async ({ desk, page }) => {
  await replayFrom(desk, 600);
  await page.keyboard.press("Shift+B");
  await expect(desk.chart).toHaveAttribute("data-orders", "1");
  await forward(desk, 601);
  await forward(desk, 602);
  await expect(desk.chart).toHaveAttribute("data-fills", "1");
  await page.keyboard.press(",");
  await page.keyboard.press(",");
  await standsAt(desk, 600);
  await expect(desk.chart).toHaveAttribute("data-fills", "0");
  await expect(desk.chart).toHaveAttribute("data-orders", "1");
  await page.keyboard.press(",");
  await standsAt(desk, 599);
  await expect(desk.chart).toHaveAttribute("data-orders", "0");
  for (const index of [600, 601]) await forward(desk, index);
  await expect(desk.chart).toHaveAttribute("data-fills", "1");
});

test("bars that are jumped over are played: an order in them fills", async ({ desk, page }) => {
  await replayFrom(desk, 300);
  await page.keyboard.press("Shift+S");
  await expect(desk.chart).toHaveAttribute("data-orders", "1");
  await page.keyboard.press("Alt+g");
  await page
    .getByTestId("goto")
    .locator("input")
    .fill(new Date(bar(900).candle_time * 1_000).toISOString().slice(0, 16).replace("T", " "));
  await page.keyboard.press("Enter");
  await standsAt(desk, 900);
  await expect(desk.chart).toHaveAttribute("data-position", "short");
  await page.keyboard.press("Shift+X");
  await forward(desk, 901);
  await expect(desk.chart).toHaveAttribute("data-trades", "1");
});

test("a waiting order is dragged on the chart", async ({ desk, page }) => {
  await replayFrom(desk, 600, "&d=orders");
  const panel = page.locator('[data-panel="orders"]');
  const last = bar(600).close;
  await panel.getByTestId("paper-ticket").locator("select").first().selectOption("limit");
  await panel.locator('[data-field="price"]').fill((last * 0.9995).toFixed(1));
  await panel.locator('[data-cmd="paper.place"]').click();
  await expect(desk.chart).toHaveAttribute("data-orders", "1");
  const field = panel.getByTestId("paper-orders").locator("input").first();
  const before = await field.inputValue();
  const y = await lineHeight(desk);
  const box = await desk.chart.boundingBox();
  if (!box) throw new Error("no chart");
  const x = box.x + box.width / 2;
  await page.mouse.move(x, box.y + y);
  await page.mouse.down();
  await page.mouse.move(x, box.y + y + 20, { steps: 4 });
  await page.mouse.up();
  await expect(field).not.toHaveValue(before);
  const moved = Number((await field.inputValue()).replaceAll(",", ""));
  expect(moved).toBeLessThan(Number(before.replaceAll(",", "")));
  await expect(desk.chart).toHaveAttribute("data-replay-time", String(bar(600).candle_time));
});

/** Height of the line of the only order in the chart's element. */
async function lineHeight(desk: Desk): Promise<number> {
  await expect.poll(() => desk.chart.getAttribute("data-order-lines")).not.toBe("");
  const lines = await desk.chart.getAttribute("data-order-lines");
  return Number(lines?.split(" ")[0]?.split("@")[1]);
}

test("an open position is asked about before the replay is left, and its session is kept", async ({ desk, page }) => {
  await replayFrom(desk, 600);
  await page.keyboard.press("Shift+B");
  await expect(desk.chart).toHaveAttribute("data-orders", "1");
  await forward(desk, 601);
  await expect(desk.chart).toHaveAttribute("data-position", "long");
  await page.keyboard.press("Alt+b");
  const dialog = page.getByTestId("paper-leave");
  await expect(dialog).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
  await expect(desk.chart).toHaveAttribute("data-mode", "replay");
  await desk.chart.focus();
  await page.keyboard.press("Alt+b");
  await dialog.locator('[data-cmd="paper.leave.close"]').click();
  await expect(desk.chart).toHaveAttribute("data-mode", "live");
  const kept = await page.evaluate(() => JSON.parse(localStorage.getItem("tc:v1:paper-sessions") ?? "{}"));
  expect(kept.sessions).toHaveLength(1);
  expect(kept.sessions[0].trades).toHaveLength(1);
  expect(kept.sessions[0].trades[0].exitPrice).toBe(bar(601).close);
});

test("a session is exported as CSV", async ({ desk, page }) => {
  await replayFrom(desk, 600, "&d=orders");
  await page.keyboard.press("Shift+B");
  await expect(desk.chart).toHaveAttribute("data-orders", "1");
  await forward(desk, 601);
  await page.keyboard.press("Shift+X");
  await forward(desk, 602);
  await expect(desk.chart).toHaveAttribute("data-trades", "1");
  const downloading = page.waitForEvent("download");
  await page.locator('[data-cmd="paper.export"]').click();
  const download = await downloading;
  expect(download.suggestedFilename()).toMatch(/^paper_.*\.csv$/);
  const stream = await download.createReadStream();
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part as Buffer);
  const lines = Buffer.concat(parts).toString().trim().split("\r\n");
  expect(lines).toHaveLength(4);
  expect(lines[1]).toContain(new Date(bar(601).candle_time * 1_000).toISOString().slice(0, 16));
  expect(bar(601).candle_time + MINUTE).toBe(bar(602).candle_time);
});
