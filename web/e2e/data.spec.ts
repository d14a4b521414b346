import { store, walk } from "./support/market";
import { picture, plotBox } from "./support/pixels";
import { BARE, expect, SERIES, test } from "./support/test";

const PANEL = '[data-panel="data"]';

/** Stores a walk of which some bars are left out: the server finds the hole between two batches. */
async function storeWithHole(server: string, count: number, from: number, to: number) {
  const candles = walk(count);
  await store(server, SERIES, candles.slice(0, from));
  await store(server, SERIES, candles.slice(to));
  return { candles, missing: candles.slice(from, to) };
}

test("a hole is a hatched band that explains itself, is listed, and is reached by a click", async ({
  desk,
  server,
  page,
}) => {
  const { missing } = await storeWithHole(server.url, 900, 860, 880);
  await desk.open(`/live?s=${SERIES}&p=none`);
  await desk.drawn();
  await expect(desk.chart).toHaveAttribute("data-gaps", "1");
  await expect(desk.chart).toHaveAttribute("data-gap-bars", "20");
  const box = await plotBox(desk.chart);
  const spacing = await desk.number("data-bar-spacing");
  const last = await desk.number("data-last-time");
  const middle = ((missing[0]?.candle_time ?? 0) + (missing.at(-1)?.candle_time ?? 0)) / 2;
  const x = box.x + box.width - (12.5 + (last - middle) / 60) * spacing;
  await page.mouse.move(x, box.y + box.height - 20);
  const tip = page.locator(".tc-tooltip");
  await expect(tip).toContainText("20 candles missing");
  await expect(tip).toContainText("Open, cause:");

  await page.keyboard.press("Alt+Shift+D");
  const panel = page.locator(PANEL);
  await expect(panel).toHaveAttribute("data-state", "ready");
  await expect(panel).toHaveAttribute("data-rows", "1");
  const row = panel.locator(`[data-key="${missing[0]?.candle_time}"]`);
  await expect(row).toContainText("20 candles");
  await expect(panel.locator("[data-open]")).toHaveAttribute("data-missing", "20");
  await page.keyboard.press("Home");
  await row.getByRole("button").click();
  await expect.poll(async () => (await desk.number("data-visible-to")) >= (missing[0]?.candle_time ?? 0)).toBe(true);
});

test("a hole that is filled is gone from the chart, listed as filled, and told in the log", async ({
  desk,
  server,
  page,
}) => {
  const { missing } = await storeWithHole(server.url, 900, 860, 880);
  await desk.open(`/live?s=${SERIES}&p=data&d=log`);
  await desk.drawn();
  const panel = page.locator(PANEL);
  await expect(panel).toHaveAttribute("data-rows", "1");
  await store(server.url, SERIES, missing);
  await expect(desk.chart).toHaveAttribute("data-gaps", "0");
  await expect(panel).toContainText("No gap is open");
  await panel.getByText("Filled", { exact: true }).click();
  await expect(panel.locator('[data-gap="healed"]')).toContainText("20 candles");
  await expect(panel.getByTestId("data-epoch")).toHaveText("1");
  await expect(panel.locator('[data-rebuild="1"]')).toContainText("late candle");
  await expect(page.locator('[data-panel="log"] [data-kind="gap_healed"]')).toContainText(
    "20 missing candles were filled",
  );
});

test("a hole that nobody can fill is grey and says why; one being filled is not", async ({ desk, server, page }) => {
  const { missing } = await storeWithHole(server.url, 900, 860, 880);
  const gap = {
    from_time: missing[0]?.candle_time,
    to_time: missing.at(-1)?.candle_time,
    missing_candles: 20,
    cause: "exchange_outage",
    state: "absent",
    detected_at_ms: 1,
    attempts: 3,
    last_attempt_at_ms: Date.now(),
    last_error: null,
    healed_at_ms: null,
    healed_from: null,
  };
  let state = "absent";
  await page.route("**/api/market/gaps?*", (route) =>
    route.fulfill({
      json: {
        series_id: SERIES,
        timeframe_seconds: 60,
        open_count: 1,
        open_missing_candles: 20,
        gaps: [{ ...gap, state }],
      },
    }),
  );
  await desk.open(`/live?s=${SERIES}&p=none`);
  await desk.drawn();
  await desk.rest();
  const spacing = await desk.number("data-bar-spacing");
  const last = await desk.number("data-last-time");
  const box = await plotBox(desk.chart);
  const right = box.x + box.width - (12 + (last - (gap.to_time ?? 0)) / 60) * spacing;
  const band = { x: Math.ceil(right - 19 * spacing), y: box.y + 60, width: Math.floor(17 * spacing), height: 200 };
  const grey = await picture(page, band);
  const amber = (seen: typeof grey) => {
    let count = 0;
    for (let x = 0; x < seen.width; x += 1)
      for (let y = 0; y < seen.height; y += 1) {
        const value = seen.at(x, y);
        const [red, blue] = [Number.parseInt(value.slice(1, 3), 16), Number.parseInt(value.slice(5, 7), 16)];
        if (red > blue + 40) count += 1;
      }
    return count;
  };
  // Lines of structures may be of the same hue; they are the same in both pictures.
  const before = amber(grey);
  // Below everything that is drawn at a price.
  await page.mouse.move(band.x + band.width / 2, box.y + box.height - 20);
  await expect(page.locator(".tc-tooltip")).toContainText("The exchange has no data");
  state = "filling";
  await page.reload();
  await desk.drawn();
  await desk.rest();
  await expect.poll(async () => amber(await picture(page, band))).toBeGreaterThan(before + 500);
});

test("failures say what, with an id; the panel goes on by itself", async ({ desk, server, page, complaints }) => {
  await store(server.url, SERIES, walk(600));
  let broken = true;
  await page.route("**/api/market/epochs?*", (route) =>
    broken
      ? route.fulfill({
          status: 500,
          json: { detail: "internal", code: "internal", message: "Something broke.", request_id: "r-42" },
        })
      : route.continue(),
  );
  await desk.open(`/live?s=${SERIES}&p=data`);
  const panel = page.locator(PANEL);
  await expect(panel).toHaveAttribute("data-state", "error");
  await expect(panel).toHaveAttribute("data-request-id", "r-42");
  broken = false;
  await panel.getByRole("button", { name: "Try again" }).click();
  await expect(panel).toHaveAttribute("data-state", "ready");

  // What was read before stays, and says that it is old and why.
  broken = true;
  const note = panel.locator("[data-stale]");
  await expect(note).toContainText("Something broke.", { timeout: 20_000 });
  await expect(note).toContainText("old");
  await expect(panel).toHaveAttribute("data-state", "stale");
  await expect(panel.getByTestId("data-epoch")).toBeVisible();
  broken = false;
  await note.getByRole("button", { name: "Try again" }).click();
  await expect(note).toHaveCount(0);
  await expect(panel).toHaveAttribute("data-state", "ready");
  expect(complaints.every((text) => text.includes("500"))).toBe(true);
  complaints.length = 0;
});

test.describe("behind a closed debug gate", () => {
  test.use({ args: [...BARE.filter((name) => name !== "--enable-debug-api")] });

  test("the series section is absent, the rest is there, in Chinese too", async ({ desk, server, page }) => {
    await page.addInitScript(() => localStorage.setItem("tc:v1:preferences", '{"language":"zh-CN"}'));
    await page.setViewportSize({ width: 390, height: 844 });
    await store(server.url, SERIES, walk(600));
    await desk.open(`/live?s=${SERIES}&p=data`);
    const panel = page.locator(PANEL);
    await expect(panel).toHaveAttribute("data-state", "ready");
    await expect(panel).toContainText("没有未补齐的缺口");
    await expect(panel.getByTestId("data-series")).toHaveCount(0);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  });
});
