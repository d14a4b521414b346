import { store, walk } from "./support/market";
import { expect, SERIES, test } from "./support/test";

test("the bare address leads to the live chart, unknown ones to a card", async ({ desk, server, page }) => {
  await store(server.url, SERIES, walk(300));
  await desk.visit(`/?s=${SERIES}`);
  await expect(page).toHaveURL(/\/live\?/);
  await desk.visit("/no/such/page");
  await expect(page.getByText("This page does not exist")).toBeVisible();
  await page.getByRole("link", { name: "Open the live chart" }).click();
  await desk.ready();
});

test("values that cannot be used are named once and ignored", async ({ desk, server, page }) => {
  await store(server.url, SERIES, walk(300));
  await desk.open(`/live?s=${SERIES}&t=yesterday&p=nowhere`);
  const toasts = page.locator('[data-toast="bad_url"]');
  await expect(toasts).toHaveCount(2);
  await expect(toasts.first()).toContainText("t=yesterday");
  await expect(desk.chart).toHaveAttribute("data-follow", "true");
});

test("an address with a time opens there", async ({ desk, server }) => {
  const candles = walk(3_000);
  await store(server.url, SERIES, candles);
  const at = candles[1_500]?.candle_time ?? 0;
  await desk.open(`/live?s=${SERIES}&t=${at}&n=120`);
  await expect(desk.chart).toHaveAttribute("data-follow", "false");
  expect(Math.abs((await desk.number("data-visible-to")) - at)).toBeLessThanOrEqual(180);
});

test("a failing server is named with its request, and tried again", async ({ desk, server, page, complaints }) => {
  await store(server.url, SERIES, walk(300));
  let failing = true;
  await page.route("**/api/market/candles?*", (route) =>
    failing
      ? route.fulfill({
          status: 503,
          contentType: "application/json",
          body: JSON.stringify({
            detail: "storage_unavailable",
            code: "storage.unavailable",
            message: "The store does not answer.",
            request_id: "req-17",
          }),
        })
      : route.continue(),
  );
  await desk.visit(`/live?s=${SERIES}`);
  const card = page.locator('[data-error-code="storage.unavailable"]');
  await expect(card).toHaveAttribute("data-request-id", "req-17");
  await expect(card).toContainText("The store does not answer.");
  failing = false;
  await card.getByRole("button", { name: "Try again" }).click();
  await desk.ready();
  await expect(card).toHaveCount(0);
  complaints.length = 0;
});
