import { store, walk } from "./support/market";
import { expect, SERIES, test } from "./support/test";

test.beforeEach(async ({ server, desk }) => {
  await store(server.url, SERIES, walk(800));
  await desk.open();
});

test("letters search symbols, digits choose timeframes, ? shows the keys", async ({ desk, page }) => {
  await desk.chart.focus();
  await page.keyboard.press("t");
  await expect(page.getByTestId("symbol-search").getByRole("combobox")).toHaveValue("t");
  await expect(page.locator('[data-key="binance:futures:TEST/USDT"]')).toHaveAttribute("aria-selected", "true");
  await page.keyboard.type("est 5");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/TEST\/USDT:5m/);

  await page.keyboard.press("1");
  await expect(page.getByTestId("timeframe-typing").getByRole("textbox")).toHaveValue("1");
  await page.keyboard.type("m");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/TEST\/USDT:1m/);
  await desk.ready();

  await page.keyboard.press("?");
  await expect(page.getByTestId("keys")).toBeVisible();
  await page.keyboard.type("log");
  await expect(page.getByTestId("keys")).toContainText("Logarithmic scale");
  await expect(page.getByTestId("keys")).not.toContainText("Zoom in");
  await page.keyboard.press("Escape");
  await expect(page.getByTestId("keys")).toHaveCount(0);
});

test("the palette runs commands and gives the focus back", async ({ desk, page }) => {
  await desk.chart.focus();
  await page.keyboard.press("Control+k");
  await page.getByTestId("palette").getByRole("combobox").fill("percent");
  await page.keyboard.press("Enter");
  await expect(desk.chart).toHaveAttribute("data-price-scale", "percent");
  await expect(desk.chart).toBeFocused();
  await page.keyboard.press("Control+k");
  await expect(page.getByTestId("palette").getByRole("option").first()).toContainText("Percent scale");
  await page.getByTestId("palette").getByRole("combobox").fill("#4h");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/TEST\/USDT:4h/);
});

test("single keys can be switched off", async ({ desk, page }) => {
  await desk.command("settings.open").click();
  await page.getByRole("switch", { name: "Single-letter keys" }).click();
  await page.keyboard.press("Escape");
  await desk.chart.focus();
  await page.keyboard.press("t");
  await page.keyboard.press("Control+k");
  await expect(page.getByTestId("palette")).toBeVisible();
  await expect(page.getByTestId("symbol-search")).toHaveCount(0);
});

test("the chart moves, scales and toggles by keys", async ({ desk, page }) => {
  await desk.chart.focus();
  const spacing = await desk.number("data-bar-spacing");
  await page.keyboard.press("+");
  await expect.poll(() => desk.number("data-bar-spacing")).toBeGreaterThan(spacing);
  await page.keyboard.press("PageUp");
  await expect(desk.chart).toHaveAttribute("data-follow", "false");
  await page.keyboard.press("End");
  await expect(desk.chart).toHaveAttribute("data-follow", "true");
  await page.keyboard.press("Shift+2");
  await expect(desk.factor("pen")).toHaveAttribute("aria-checked", "false");
  await page.keyboard.press("Shift+2");
  await expect(desk.factor("pen")).toHaveAttribute("aria-checked", "true");
  await page.keyboard.press("ArrowLeft");
  await expect(desk.chart.locator("[aria-live]")).toContainText("open");
});

test("F6 goes through the regions and the skip link reaches the chart", async ({ desk, page }) => {
  await page.keyboard.press("Tab");
  await expect(page.getByRole("button", { name: "Skip to the chart" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(desk.chart).toBeFocused();
  const region = () =>
    page.evaluate(() => document.activeElement?.closest("[data-region]")?.getAttribute("data-region"));
  await page.keyboard.press("F6");
  expect(await region()).toBe("dock");
  await page.keyboard.press("F6");
  expect(await region()).toBe("bottom");
  await page.keyboard.press("F6");
  expect(await region()).toBe("topbar");
  await page.keyboard.press("Shift+F6");
  expect(await region()).toBe("bottom");
});

test("the chart can be read: name, summary, table, menu", async ({ desk, page, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await expect(page.getByRole("banner")).toBeVisible();
  await expect(page.getByRole("main")).toBeVisible();
  await expect(page.getByRole("complementary")).toBeVisible();
  await expect(page.getByRole("application", { name: "TEST/USDT 1 minute, candlestick chart" })).toBeVisible();
  await expect(page.getByTestId("summary")).toContainText("bars in view");

  await page.keyboard.press("Control+k");
  await page.getByTestId("palette").getByRole("combobox").fill("bars in view");
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("bars-table").getByRole("row")).not.toHaveCount(0);
  await page.keyboard.press("Escape");

  await desk.chart.click({ button: "right", position: { x: 400, y: 300 } });
  await page.getByRole("menuitem", { name: /Copy time/ }).click();
  await expect(page.locator('[data-toast="copied"]')).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d$/);
  await desk.chart.click({ button: "right", position: { x: 400, y: 300 } });
  await page.getByRole("menuitem", { name: "Hide Pens" }).click();
  await expect(desk.factor("pen")).toHaveAttribute("aria-checked", "false");
});
