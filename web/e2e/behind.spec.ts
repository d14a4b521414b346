import type { Page, Route } from "@playwright/test";
import { after, close, store, walk } from "./support/market";
import { expect, SERIES, test } from "./support/test";

const DERIVED = /\/api\/(draw|frame|delta|factor\/slices)/;

/** The server as it answers while a derived step failed: candles go on, everything behind them is 409. */
async function hold(page: Page): Promise<() => Promise<void>> {
  const answer = (route: Route) =>
    route.fulfill({
      status: 409,
      contentType: "application/json",
      headers: { "x-request-id": "held" },
      body: JSON.stringify({
        detail: "ledger_out_of_sync:overlay",
        code: "draw_read.ledger_out_of_sync.overlay",
        message: "The drawings of this series are behind its candles.",
        request_id: "held",
      }),
    });
  await page.route(DERIVED, answer);
  return () => page.unroute(DERIVED, answer);
}

test("candles go on while the drawing is behind; it says so, and catches up by itself", async ({
  desk,
  server,
  page,
  complaints,
}) => {
  const candles = walk(900);
  await store(server.url, SERIES, candles);
  await desk.open();
  await desk.drawn();
  const active = await desk.number("data-active");
  const release = await hold(page);
  const last = candles.at(-1) as (typeof candles)[number];
  const next = after(last, last.close + 3);
  await close(server.url, SERIES, next);
  await expect(desk.chart).toHaveAttribute("data-last-time", String(next.candle_time));
  await expect(desk.chart).toHaveAttribute("data-draw-status", "out_of_sync");
  expect(await desk.number("data-active")).toBe(active);
  expect(await desk.number("data-draw-to")).toBe(last.candle_time);
  const card = page.getByTestId("drawings-behind");
  await expect(card).toContainText("Structures are catching up");
  await expect(desk.command("chart.repairDrawings")).toHaveCount(0);

  await release();
  await desk.command("chart.retryDrawings").click();
  await expect(card).toHaveCount(0);
  await desk.drawn();
  complaints.length = 0;
});

test("the inspector says that the ledger is behind and fills when it is there", async ({
  desk,
  server,
  page,
  complaints,
}) => {
  await store(server.url, SERIES, walk(900));
  await desk.open();
  await desk.drawn();
  const release = await hold(page);
  await desk.command("panel.inspector").click();
  const panel = page.locator('[data-panel="inspector"]');
  await expect(panel).toHaveAttribute("data-state", "stale");
  await expect(panel).toHaveAttribute("data-error-code", /out_of_sync/);
  await expect(panel).toContainText("Structures are catching up");
  await expect(page.getByTestId("inspector-bar")).toBeVisible();
  await release();
  await panel.getByRole("button", { name: "Try now" }).click();
  await expect(panel).toHaveAttribute("data-state", "ready");
  complaints.length = 0;
});

test.describe("with the repair gate open", () => {
  test.use({
    args: [...["--profile", "bare", "--enable-debug-api", "--enable-dev-api"], ...["--enable-read-repair-api"]],
  });

  test("the drawings can be repaired from the card", async ({ desk, server, page, complaints }) => {
    const candles = walk(900);
    await store(server.url, SERIES, candles);
    await desk.open();
    await desk.drawn();
    const release = await hold(page);
    const last = candles.at(-1) as (typeof candles)[number];
    await close(server.url, SERIES, after(last, last.close + 3));
    const repair = desk.command("chart.repairDrawings");
    await expect(repair).toBeVisible();
    await release();
    await repair.click();
    await expect(page.locator('[data-toast="repaired"]')).toBeVisible();
    await desk.drawn();
    complaints.length = 0;
  });
});

test("a corrected candle is told with the time from which everything was computed again", async ({
  desk,
  server,
  page,
}) => {
  const candles = walk(900);
  await store(server.url, SERIES, candles);
  await desk.open();
  await desk.drawn();
  const old = candles[850] as (typeof candles)[number];
  await close(server.url, SERIES, { ...old, close: old.high });
  await expect(page.locator('[data-toast="rebuild"]')).toContainText(/computed again from \d{4}-\d\d-\d\d \d\d:\d\d/);
  await expect(desk.chart).toHaveAttribute("data-epoch", "1");
  await desk.drawn();
});
