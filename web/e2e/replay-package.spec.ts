import { type Candle, store, walk } from "./support/market";
import { BARE, expect, SERIES, test } from "./support/test";

test.use({ args: BARE });

test("where the history cannot be loaded, the bars up to the hole become the package", async ({ desk, page }) => {
  const candles = walk(800);
  await store(
    desk.server.url,
    SERIES,
    candles.filter((_, index) => index < 300 || index > 310),
  );
  await desk.open(`/replay?s=${SERIES}&t=${(candles[500] as Candle).candle_time}`);
  const part = page.getByTestId("replay-package");
  await expect(part).toHaveAttribute("data-state", "coverage_missing");
  await expect(part).toContainText("490 of 501 candles are stored");
  await part.locator('[data-cmd="replay.package.cover"]').click();
  await expect(part).toContainText("The history could not be loaded");
  await expect(part).toHaveAttribute("data-state", "build_required");
  await expect(part).toContainText("The 190 bars up to here");
  await part.locator('[data-cmd="replay.package.save"]').click();
  await expect(part.locator('[data-cmd="replay.package.export"]')).toBeVisible();
  await expect(part).toContainText("190 bars");
});

test("what is wrong with a file is said in the reader's language, and the server's words are behind a line", async ({
  desk,
  page,
  complaints,
}) => {
  await page.addInitScript(() => localStorage.setItem("tc:v1:preferences", JSON.stringify({ language: "zh-CN" })));
  const candles = walk(300);
  await store(desk.server.url, SERIES, candles);
  await desk.open(`/replay?s=${SERIES}&t=${(candles[200] as Candle).candle_time}`);
  await page.getByTestId("replay-import").setInputFiles({
    name: "broken.tcreplay",
    mimeType: "application/octet-stream",
    buffer: Buffer.from("not a package"),
  });
  const trouble = page.locator('[data-error-code="replay.import.bad_package"]');
  await expect(trouble).toContainText("该文件不是回放包，或已损坏。");
  const words = trouble.getByText("The package is refused");
  await expect(words).toBeHidden();
  await trouble.locator('[data-cmd="replay.package.details"]').click();
  await expect(words).toBeVisible();
  // The browser writes of every refused request.
  expect(complaints.splice(0)).toHaveLength(1);
});
