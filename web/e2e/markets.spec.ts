import { FakeExchange, rows } from "./support/exchange";
import { store, walk } from "./support/market";
import { expect, SERIES, test } from "./support/test";

const PANEL = '[data-panel="markets"]';

test("the market list streams, holds its order under the pointer, and opens what is chosen", async ({
  desk,
  server,
  page,
}) => {
  await store(server.url, SERIES, walk(600));
  const exchange = new FakeExchange([
    { base: "BTC", last: 64_250.5, change: 1.25, volume: 9e9 },
    { base: "ETH", last: 3_100.25, change: -2.5, volume: 5e9 },
    { base: "TEST", last: 1_000, change: 0, volume: 1e9 },
  ]);
  await exchange.serve(page);
  await desk.open();
  await page.keyboard.press("Alt+m");
  const panel = page.locator(PANEL);
  await expect(panel).toHaveAttribute("data-state", "ready");
  const row = panel.locator("[data-key]");
  const order = () => row.evaluateAll((found) => found.map((node) => node.getAttribute("data-key")));
  await expect(row.first()).toContainText(/BTC\/USDT64250\.5\+1\.25%9\.0B/);
  await expect(panel.getByTestId("markets-age")).toHaveText("live");
  await expect(panel.locator(`[data-key="${SERIES.split(":")[2]}"]`)).toHaveAttribute("aria-current", "true");

  await row.first().hover();
  await expect(panel).toHaveAttribute("data-held", "true");
  exchange.rows = exchange.rows.map((one) => (one.base === "ETH" ? { ...one, last: 3_111, volume: 2e10 } : one));
  await expect(row.nth(1)).toContainText("3111.00");
  expect(await order()).toEqual(["BTC/USDT", "ETH/USDT", "TEST/USDT"]);
  await desk.rest();
  await expect.poll(order).toEqual(["ETH/USDT", "BTC/USDT", "TEST/USDT"]);

  await desk.command("markets.sort.symbol").click();
  await desk.rest();
  await expect.poll(order).toEqual(["BTC/USDT", "ETH/USDT", "TEST/USDT"]);

  await panel.getByRole("listbox").focus();
  await page.keyboard.press("Home");
  await page.keyboard.press("f");
  await page.keyboard.press(" ");
  await expect(page).toHaveURL(/BTC\/USDT:1m/);
  expect(await page.evaluate(() => document.activeElement?.getAttribute("role"))).toBe("listbox");
  await panel.getByText("Favourites", { exact: true }).click();
  await expect(row).toHaveCount(1);
  await page.reload();
  await expect(row).toHaveCount(1);
  await panel.getByRole("listbox").focus();
  await page.keyboard.press("Home");
  await page.keyboard.press("Enter");
  expect(await page.evaluate(() => document.activeElement?.getAttribute("data-testid"))).toBe("chart");
});

test("an exchange that does not answer, and a connection that is lost, show themselves", async ({
  desk,
  server,
  page,
  complaints,
}) => {
  await store(server.url, SERIES, walk(300));
  const exchange = new FakeExchange(rows(5));
  exchange.mood = "mute";
  await exchange.serve(page);
  await desk.open(`/live?s=${SERIES}&p=markets`);
  const panel = page.locator(PANEL);
  await expect(panel).toHaveAttribute("data-state", "error");
  await expect(panel).toContainText("upstream_error:timeout");
  exchange.mood = "stale";
  await expect(panel).toHaveAttribute("data-state", "stale");
  await expect(panel.getByTestId("markets-age")).toHaveText(/stale 3 m.*: exchange not answering/);
  exchange.mood = "unreachable";
  await expect(panel).toHaveAttribute("data-state", "offline");
  await expect(panel.getByTestId("markets-age")).toHaveText(/Connection lost .* Trying again in \d+ s\./);
  // Late enough that the button is the one to bring it back.
  await expect(panel.getByTestId("markets-age")).toHaveText(/again in ([4-9]|1\d) s\./, { timeout: 25_000 });
  await expect(panel).toHaveAttribute("data-rows", "5");
  exchange.mood = "fine";
  await desk.command("markets.retry").click();
  await expect(panel.getByTestId("markets-age")).toHaveText("live");
  expect(complaints.every((text) => text.includes("ERR_CONNECTION_REFUSED"))).toBe(true);
  complaints.length = 0;
});

test("long lists render what is in view; the symbol search offers what is traded, favourites first", async ({
  desk,
  server,
  page,
}) => {
  await store(server.url, SERIES, walk(300));
  await page.addInitScript(() => localStorage.setItem("tc:v1:watchlist", '{"keys":["binance:spot:C150/USDT"]}'));
  const exchange = new FakeExchange(rows(200));
  await exchange.serve(page);
  await desk.open(`/live?s=${SERIES}&p=markets`);
  const panel = page.locator(PANEL);
  await expect(panel).toHaveAttribute("data-rows", "200");
  expect(await panel.locator("[data-key]").count()).toBeLessThan(60);
  await panel.getByRole("listbox").focus();
  await page.keyboard.press("End");
  await expect(panel.locator('[data-key="C199/USDT"]')).toBeVisible();
  await desk
    .command("symbol.search")
    .first()
    .click()
    .catch(() => page.keyboard.press("/"));
  const search = page.getByTestId("symbol-search");
  await search.getByRole("combobox").fill("c1");
  await expect(search.getByRole("option").first()).toHaveAttribute("data-key", "binance:spot:C150/USDT");
  await expect(search.getByRole("option").nth(1)).toHaveAttribute("data-key", /C100\/USDT/);
});

test("a phone has it in a sheet, in Chinese", async ({ desk, server, page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await page.addInitScript(() => localStorage.setItem("tc:v1:preferences", '{"language":"zh-CN"}'));
  await store(server.url, SERIES, walk(300));
  const exchange = new FakeExchange(rows(40));
  await exchange.serve(page);
  await desk.open(`/live?s=${SERIES}&p=markets`);
  await expect(page.locator(PANEL)).toHaveAttribute("data-state", "ready");
  await expect(page.locator(PANEL).locator("[data-key]").first()).toContainText("10.0亿");
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
});
