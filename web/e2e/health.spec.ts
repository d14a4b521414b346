import { store, walk } from "./support/market";
import { expect, SERIES, test } from "./support/test";

const BACKFILL = {
  state: "idle",
  progress_pct: 100,
  started_at: null,
  updated_at: null,
  reason: null,
  note: null,
  error: null,
  recent: false,
  start_missing_seconds: 0,
  start_missing_candles: 0,
  current_missing_seconds: 0,
  current_missing_candles: 0,
};

test("the pill says what the server says of the candles, with numbers", async ({ desk, server, page }) => {
  await store(server.url, SERIES, walk(600));
  let said: Record<string, unknown> = {};
  let asked = 0;
  await page.route("**/api/market/health?*", (route) => {
    asked += 1;
    const now_time = Math.floor(Date.now() / 1_000);
    const expected = Math.floor(now_time / 60) * 60 - 60;
    return route.fulfill({
      json: {
        series_id: SERIES,
        timeframe_seconds: 60,
        now_time,
        expected_latest_closed_time: expected,
        head_time: expected - 180,
        lag_seconds: 240,
        missing_seconds: 180,
        missing_candles: 3,
        status: "red",
        status_reason: "lagging_no_recent_backfill",
        backfill: BACKFILL,
        ...said,
      },
    });
  });
  await desk.open(`/live?s=${SERIES}&p=data`);
  const pill = desk.command("health.open");
  await expect(pill).toHaveAttribute("data-health", "delayed");
  await expect(pill).toContainText("Delayed 3 m");
  await pill.click();
  const details = page.getByRole("dialog", { name: "Data state" });
  await expect(details).toContainText("3 candles missing");
  await expect(details).toContainText("Backfill");
  await page.keyboard.press("Escape");

  const running = { ...BACKFILL, state: "running", progress_pct: 42.6 };
  said = {
    status: "yellow",
    status_reason: "backfill_running",
    backfill: { ...running, start_missing_candles: 100, current_missing_candles: 57 },
  };
  await expect(pill).toContainText("Catching up 42 %");
  const panel = page.locator('[data-panel="data"]');
  await expect(panel.locator("[data-status]")).toHaveAttribute("data-status", "yellow");
  await expect(panel).toContainText("running, 42 %, 57 of 100 still missing");
  // Trouble is looked at every two seconds.
  const before = asked;
  await expect.poll(() => asked - before, { timeout: 5_000 }).toBeGreaterThanOrEqual(2);

  said = { status: "green", status_reason: "up_to_date", missing_candles: 0, missing_seconds: 0 };
  await expect(pill).toHaveAttribute("data-health", /live|quiet/);
  said = { status: "red", status_reason: "missing_head", head_time: null, missing_candles: null };
  await expect(pill).toHaveAttribute("data-health", "no_data");
});

test("a server that does not watch its candles is asked once, and the last bar decides", async ({
  desk,
  server,
  page,
}) => {
  await store(server.url, SERIES, walk(600));
  let asked = 0;
  await page.route("**/api/market/health?*", (route) => {
    asked += 1;
    const json = { detail: "not_found", code: "not_found", message: "Not found.", request_id: "r" };
    return route.fulfill({ status: 404, json });
  });
  await desk.open();
  await expect(desk.command("health.open")).toHaveAttribute("data-health", "delayed");
  await desk.command("timeframe.more").first().click();
  await page.keyboard.press("Escape");
  await page.waitForResponse((response) => response.url().includes("/api/factor/health"));
  expect(asked).toBe(1);
});
