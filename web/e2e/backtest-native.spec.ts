/** Backtests from the form to the files, with the engine of the program itself. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Locator, Page } from "@playwright/test";
import { lastTime, store, walk } from "./support/market";
import { BARE, type Desk, expect, SERIES, test } from "./support/test";

test.use({ args: BARE });

const candles = walk(3_000, { end: lastTime() });

interface Told {
  kind: string;
  series_id: string;
  state: string;
  params: Record<string, number>;
  trading: Record<string, unknown>;
  response: {
    result: {
      metrics: Record<string, number> & { extra: { funding_paid: number } };
      trades: {
        open_timestamp: number;
        is_short: boolean;
        open_rate: number;
        profit_abs: number;
        leverage: number;
        exit_reason: string;
      }[];
    };
  };
}

/** A run as the server tells it. */
async function told(desk: Desk, id: string): Promise<Told> {
  const response = await fetch(`${desk.server.url}/api/backtest/runs/${id}?include=full`);
  return (await response.json()) as Told;
}

const panelOf = (page: Page): Locator => page.locator('[data-panel="backtest"]');

/** The form with a strategy over everything that is stored. */
async function choosing(desk: Desk, page: Page, strategy: string, series = SERIES): Promise<Locator> {
  await store(desk.server.url, SERIES, candles);
  await desk.open(`/live?s=${series}`);
  await desk.drawn();
  await desk.command("mode.backtest").click();
  const panel = panelOf(page);
  await panel.getByRole("combobox", { name: "Strategy" }).fill(strategy);
  await page.keyboard.press("Enter");
  await panel.getByRole("radio", { name: "All", exact: true }).first().check();
  return panel;
}

/** Runs the form with the key; the id of what ran. */
async function ran(page: Page): Promise<string> {
  const before = new URL(page.url()).searchParams.get("run");
  await page.keyboard.press("Control+Enter");
  await expect.poll(() => new URL(page.url()).searchParams.get("run")).not.toBe(before);
  const id = new URL(page.url()).searchParams.get("run") ?? "";
  await expect(panelOf(page).locator(`article[data-key="${id}"]`)).toHaveAttribute("data-state", "done");
  return id;
}

/** What a button hands to the browser as a file. */
async function saved(page: Page, button: Locator): Promise<string> {
  const [file] = await Promise.all([page.waitForEvent("download"), button.click()]);
  return readFile(await file.path(), "utf8");
}

test("a run is read, its trades stand on the chart, and it is checked, kept and taken along", async ({
  desk,
  page,
}) => {
  const panel = await choosing(desk, page, "pen");
  await expect(panel.locator('[data-field="engine"] input')).toHaveCount(1);
  const id = await ran(page);
  const { metrics, trades } = (await told(desk, id)).response.result;
  expect(trades.length).toBeGreaterThan(20);
  await expect(panel.locator('[data-metric="total_trades"]')).toHaveAttribute("data-value", String(trades.length));
  await expect(panel.locator('[data-metric="profit_total"]')).toHaveAttribute(
    "data-value",
    String(metrics.profit_total),
  );
  await expect(panel.locator('[data-warning="funding_data_missing"]')).toBeVisible();
  // The curve ends with the money that the run is headed by, and the months are those of the engine.
  await expect(page.getByTestId("backtest-readout")).toContainText(
    (metrics.final_balance ?? 0).toLocaleString("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 }),
  );
  await expect(page.getByTestId("backtest-months")).not.toContainText("closed trades");
  await expect(desk.chart).toHaveAttribute("data-trades", String(trades.length));

  const list = page.getByTestId("backtest-trades").getByRole("listbox");
  await list.locator('[data-key="5"]').click();
  await expect(desk.chart).toHaveAttribute("data-trade", "5");
  const entry = (trades[5]?.open_timestamp ?? 0) / 1_000;
  await expect(desk.chart).toHaveAttribute("data-known-at", String(entry - 60));
  await expect(desk.chart).toHaveAttribute("data-draw-to", String(entry - 60));
  const [from, to] = [await desk.number("data-visible-from"), await desk.number("data-visible-to")];
  expect([from < entry, entry < to]).toEqual([true, true]);

  await desk.command("backtest.checkBias").click();
  await expect(page.getByTestId("backtest-bias")).toHaveAttribute("data-bias", "clean");
  await expect(page.getByTestId("backtest-bias")).toContainText("100 of 100");

  const csv = await saved(page, desk.command("backtest.exportCsv"));
  expect(csv.trimEnd().split("\r\n")).toHaveLength(trades.length + 1);
  const json = JSON.parse(await saved(page, desk.command("backtest.exportJson"))) as {
    run: { id: string };
    metrics: Record<string, number>;
    trades: { openRate: number }[];
  };
  expect([json.run.id, json.metrics.profit_total]).toEqual([id, metrics.profit_total]);
  expect(json.trades.map(({ openRate }) => openRate)).toEqual(trades.map(({ open_rate }) => open_rate));

  await page.reload();
  await desk.ready();
  await expect(panel.locator(`article[data-key="${id}"]`)).toHaveAttribute("data-state", "done");
  await expect(desk.chart).toHaveAttribute("data-known-at", String(entry - 60));
  await expect(page.getByTestId("backtest-bias")).toHaveAttribute("data-bias", "clean");

  await desk.command("backtest.replay").click();
  await expect(page).toHaveURL(/\/replay\?/);
  await expect(desk.chart).toHaveAttribute("data-replay-time", String(entry));
});

test("a spot chart is tested on spot, and its trades are not those of another market", async ({ desk, page }) => {
  const spot = "binance:spot:TEST/USDT:5m";
  await store(desk.server.url, spot, walk(1_500, { end: lastTime(300), step: 300 }));
  const panel = await choosing(desk, page, "pen", spot);
  await expect(panel.locator('[data-field="pair"]')).toContainText("Binance Spot");
  await expect(panel.locator('[data-field="timeframe"] option:checked')).toHaveText("5m");
  const id = await ran(page);
  const { series_id, response } = await told(desk, id);
  expect(series_id).toBe(spot);
  await expect(desk.chart).toHaveAttribute("data-trades", String(response.result.trades.length));

  await page.goto(`${desk.server.url}/backtest?s=${SERIES}&run=${id}`);
  await desk.ready();
  await expect(panel.locator(`article[data-key="${id}"]`)).toHaveAttribute("data-state", "done");
  await expect(desk.chart).toHaveAttribute("data-trades", "0");
  await page.getByTestId("backtest-trades").locator('[data-key="2"]').click();
  await expect(page).toHaveURL(new RegExp(`s=${spot}&`));
  await expect(desk.chart).toHaveAttribute("data-trade", "2");
  await expect(page.getByTestId("backtest-known")).toHaveAttribute("data-state", "known");
});

test("other parameters make another run, and two runs stand side by side", async ({ desk, page }) => {
  const panel = await choosing(desk, page, "pen");
  const first = await ran(page);
  await panel.getByRole("switch", { name: "Trade against it" }).click();
  await panel.getByLabel("Longest pen").first().fill("30");
  const second = await ran(page);
  expect((await told(desk, second)).params).toMatchObject({ max_candles: 30 });
  for (const id of [first, second]) await panel.locator(`li[data-key="${id}"] [data-cmd="backtest.tick"]`).check();
  await desk.command("backtest.compare").click();
  const compare = page.getByTestId("backtest-compare");
  await expect(compare).toHaveAttribute("data-rows", "2");
  await expect(compare.locator('tr[data-key="max_candles"]')).toContainText("30");
  await expect(page).toHaveURL(new RegExp(`run=${first}&cmp=${second}`));
});

test("a sweep shows every combination, and hands its parameters to the form", async ({ desk, page }) => {
  const panel = await choosing(desk, page, "pen");
  await desk.command("backtest.vary.max_candles").check();
  await desk.command("backtest.vary.fade").check();
  for (const [part, value] of [
    ["from", "10"],
    ["to", "50"],
    ["step", "10"],
  ] as const) {
    await panel.locator(`[data-field="param.max_candles"] [data-part="${part}"]`).fill(value);
  }
  await expect(desk.command("backtest.run")).toContainText("10 combinations");
  const id = await ran(page);
  expect((await told(desk, id)).kind).toBe("sweep");
  const sweep = page.getByTestId("backtest-sweep");
  await expect(sweep).toHaveAttribute("data-rows", "10");
  await expect(sweep.locator("button[data-at]")).toHaveCount(10);
  await sweep.locator('button[data-at="1,2"]').click();
  await expect(panel.getByLabel("Longest pen").first()).toHaveValue("30");
  await expect(desk.command("backtest.vary.max_candles")).not.toBeChecked();
  await expect(panel.getByRole("switch", { name: "Trade against it" })).toBeChecked();
  await expect(desk.command("backtest.run")).not.toContainText("combinations");
});

test("a run that takes long is followed and called off", async ({ desk, page }) => {
  const panel = await choosing(desk, page, "pen");
  await desk.command("backtest.vary.max_candles").check();
  await desk.command("backtest.vary.min_length").check();
  for (const [field, part, value] of [
    ["max_candles", "from", "0"],
    ["max_candles", "to", "499"],
    ["max_candles", "step", "5"],
    ["min_length", "from", "0"],
    ["min_length", "to", "0.099"],
    ["min_length", "step", "0.001"],
  ] as const) {
    await panel.locator(`[data-field="param.${field}"] [data-part="${part}"]`).fill(value);
  }
  await expect(desk.command("backtest.run")).toContainText("10000 combinations");
  await page.keyboard.press("Control+Enter");
  const row = panel.locator("li[data-key]").first();
  await expect(row).toHaveAttribute("data-state", "running");
  await expect(row).toContainText("%");
  await row.locator('[data-cmd="backtest.cancel"]').click();
  await expect(row).toHaveAttribute("data-state", "cancelled");
  await expect(page.getByTestId("backtest-no-result")).toContainText("cancelled");
});

test("a timeframe without candles is refused with what helps", async ({ desk, page, complaints }) => {
  const panel = await choosing(desk, page, "pen");
  await panel.locator('[data-field="timeframe"] select').selectOption("4h");
  await page.keyboard.press("Control+Enter");
  const card = page.getByTestId("backtest-refused");
  await expect(card).toContainText("There are no candles of TEST/USDT:USDT in 4h");
  await expect(card).toContainText("trade-canvas import");
  // The browser lists every refusal as an error.
  expect(complaints.splice(0)).toEqual([expect.stringContaining("422")]);
  await card.locator('[data-cmd="backtest.timeframe.1m"]').click();
  await expect(panel.locator("article[data-key]")).toHaveAttribute("data-state", "done");
  await expect(panel.locator('[data-field="timeframe"] select')).toHaveValue("1m");
});

test("what is traded with is typed, checked, and told with what came of it", async ({ desk, page }) => {
  await choosing(desk, page, "pen");
  const fields = page.getByTestId("backtest-trading");
  const field = (name: string) => fields.locator(`[data-field="trading.${name}"] input`);
  await expect(fields.locator("summary")).toContainText("as the server has it");
  await expect(field("leverage")).toBeHidden();
  await fields.locator("summary").focus();
  await page.keyboard.press("Enter");
  await expect(field("dry_run_wallet")).toHaveAttribute("placeholder", "1000");
  await expect(field("fee")).toHaveAttribute("placeholder", "0.0005");

  await field("stoploss").fill("0.5");
  await expect(fields.locator('[data-field="trading.stoploss"]').getByRole("alert")).toContainText("below 0");
  await expect(desk.command("backtest.run")).toBeDisabled();
  await field("stoploss").fill("-0.99");
  await field("leverage").fill("100");
  await fields.getByRole("switch", { name: "Signals of the strategy close trades" }).click();
  const first = await ran(page);
  const given = { leverage: 100, stoploss: -0.99, use_exit_signal: false };
  const run = await told(desk, first);
  expect(run.trading).toEqual(given);
  const { trades } = run.response.result;
  const liquidated = trades.filter(({ exit_reason }) => exit_reason === "liquidation").length;
  expect([liquidated > 0, trades.every(({ leverage }) => leverage === 100)]).toEqual([true, true]);
  const facts = page.getByTestId("backtest-leveraged");
  await expect(facts.locator('[data-fact="leverage"]')).toHaveAttribute("data-value", "100");
  await expect(facts.locator('[data-fact="liquidations"]')).toHaveAttribute("data-value", String(liquidated));
  await expect(page.getByTestId("backtest-traded-with")).toContainText("leverage = 100, stoploss = -0.99");
});

test("what is traded with stays in the form until it is taken back, and runs are compared by it", async ({
  desk,
  page,
}) => {
  const panel = await choosing(desk, page, "pen");
  const fields = page.getByTestId("backtest-trading");
  const leverage = fields.locator('[data-field="trading.leverage"] input');
  await fields.locator("summary").click();
  await leverage.fill("3");
  const first = await ran(page);
  await fields.locator("summary").click();
  await expect(fields.locator("summary")).toContainText("leverage = 3");
  await fields.locator("summary").click();
  await desk.command("backtest.trading.reset").click();
  await expect(leverage).toHaveValue("");
  const second = await ran(page);
  expect([(await told(desk, first)).trading, (await told(desk, second)).trading]).toEqual([{ leverage: 3 }, {}]);
  await expect(page.getByTestId("backtest-leveraged")).toHaveCount(0);
  for (const id of [first, second]) await panel.locator(`li[data-key="${id}"] [data-cmd="backtest.tick"]`).check();
  await desk.command("backtest.compare").click();
  await expect(page.getByTestId("backtest-compare").locator('tr[data-key="leverage"]')).toContainText("3");
});

test("what the server refuses of it is named", async ({ desk, page, complaints }) => {
  await choosing(desk, page, "pen");
  const fields = page.getByTestId("backtest-trading");
  await fields.locator("summary").click();
  await fields.locator('[data-field="trading.leverage"] input').fill("500");
  await page.keyboard.press("Control+Enter");
  await expect(page.getByTestId("backtest-refused")).toContainText("Leverage must be a number from 1 to 125");
  expect(complaints.splice(0)).toEqual([expect.stringContaining("422")]);
});

test("the fields fit a phone, in Chinese as well", async ({ desk, page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await store(desk.server.url, SERIES, candles);
  await page.addInitScript(() => localStorage.setItem("tc:v1:preferences", '{"language":"zh-CN"}'));
  await desk.open(`/backtest?s=${SERIES}`);
  const fields = page.getByTestId("backtest-trading");
  await fields.locator("summary").click();
  await expect(fields.locator('[data-field="trading.leverage"] input')).toBeVisible();
  const wide = await fields.evaluate((node) => node.scrollWidth - node.clientWidth);
  expect(wide).toBe(0);
});

test.describe("with files of funding", () => {
  const folder = mkdtempSync(join(tmpdir(), "funding-"));
  const files = join(folder, "futures");
  const write = (kind: string, rows: unknown) =>
    writeFileSync(join(files, `TEST_USDT_USDT-1h-${kind}.json`), JSON.stringify(rows));
  const hours = candles.filter(({ candle_time }) => candle_time % 3_600 === 0);

  test.use({ args: [...BARE, "--freqtrade-datadir", folder] });
  test.beforeAll(() => mkdirSync(files, { recursive: true }));
  test.afterAll(() => rmSync(folder, { recursive: true }));

  test("funding is counted and told", async ({ desk, page }) => {
    write(
      "funding_rate",
      hours.map(({ candle_time }) => [candle_time * 1_000, 0.001]),
    );
    write(
      "mark",
      hours.map(({ candle_time, open }) => [candle_time * 1_000, open, open, open, open, 0]),
    );
    const panel = await choosing(desk, page, "pen");
    const id = await ran(page);
    const { funding_paid } = (await told(desk, id)).response.result.metrics.extra;
    expect(funding_paid).not.toBe(0);
    await expect(page.getByTestId("backtest-leveraged").locator('[data-fact="funding"]')).toHaveAttribute(
      "data-value",
      String(funding_paid),
    );
    await expect(panel.locator("[data-warning]")).toHaveCount(0);
  });
});
