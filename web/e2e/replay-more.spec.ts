import { replayConnection } from "./support/connection";
import { type Candle, close, lastTime, MINUTE, store, walk } from "./support/market";
import { BARE, expect, SERIES, test } from "./support/test";

const FIVES = SERIES.replace(":1m", ":5m");
const FIVE = 5 * MINUTE;

test.use({ args: BARE });

test("what closes meanwhile is not on a replayed chart", async ({ desk }) => {
  const candles = walk(800);
  await store(desk.server.url, SERIES, candles);
  const bar = candles[500] as Candle;
  await desk.open(`/replay?s=${SERIES}&t=${bar.candle_time}`);
  await expect(desk.chart).toHaveAttribute("data-draw-to", String(bar.candle_time));
  const last = candles.at(-1) as Candle;
  await close(desk.server.url, SERIES, { ...last, candle_time: last.candle_time + MINUTE });
  await desk.page.keyboard.press(".");
  await expect(desk.chart).toHaveAttribute("data-last-time", String(bar.candle_time + MINUTE));
  expect(await desk.number("data-candles")).toBe(502);
});

test("a lost connection says so, and the replay goes on from where it stood", async ({ desk, page, complaints }) => {
  const candles = walk(800);
  await store(desk.server.url, SERIES, candles);
  const bar = candles[500] as Candle;
  const connection = await replayConnection(page);
  await desk.open(`/replay?s=${SERIES}&t=${bar.candle_time}`);
  await expect(desk.chart).toHaveAttribute("data-replay-state", "paused");
  await connection.cut();
  await expect(page.getByTestId("replay-said")).toContainText("Connection lost");
  connection.allow();
  await expect(page.getByTestId("replay-said")).toHaveText("", { timeout: 30_000 });
  await desk.chart.focus();
  await page.keyboard.press(".");
  await expect(desk.chart).toHaveAttribute("data-last-time", String(bar.candle_time + MINUTE));
  complaints.length = 0;
});

test("a time before the first candle is the first candle", async ({ desk }) => {
  const candles = walk(500);
  await store(desk.server.url, SERIES, candles);
  await desk.open(`/replay?s=${SERIES}&t=1000`);
  await expect(desk.chart).toHaveAttribute("data-replay-time", String((candles[0] as Candle).candle_time));
  await expect(desk.chart).toHaveAttribute("data-candles", "1");
});

test("a series without candles cannot be replayed, and it says so", async ({ desk, page }) => {
  await store(desk.server.url, SERIES, walk(300));
  await desk.visit(`/replay?s=${FIVES}&t=${lastTime(FIVE)}`);
  await expect(page.getByTestId("replay-failed")).toContainText("No candle is stored at or before this time");
  await page.getByTestId("replay-failed").locator('[data-cmd="replay.leave"]').click();
  await expect(desk.chart).toHaveAttribute("data-mode", "live");
});

test("from a bar by its menu", async ({ desk, page }) => {
  await store(desk.server.url, SERIES, walk(800));
  await desk.open();
  await desk.drawn();
  const box = await desk.chart.boundingBox();
  if (!box) throw new Error("no chart");
  await page.mouse.move(box.x + box.width / 3, box.y + 200);
  await desk.frames(2);
  await page.mouse.click(box.x + box.width / 3, box.y + 200, { button: "right" });
  await page.getByRole("menuitem", { name: /Replay from here/ }).click();
  await expect(desk.chart).toHaveAttribute("data-mode", "replay");
  await expect(desk.chart).toHaveAttribute("data-replay-state", "paused");
});

for (const width of [1600, 1280, 820, 390, 320]) {
  test(`nothing of a replay sticks out at ${width}`, async ({ desk, page }) => {
    await page.setViewportSize({ width, height: 800 });
    const candles = walk(800);
    await store(desk.server.url, SERIES, candles);
    await desk.open(`/replay?s=${SERIES}&t=${(candles[500] as Candle).candle_time}`);
    await expect(desk.chart).toHaveAttribute("data-replay-state", "paused");
    await desk.chart.focus();
    await page.keyboard.press("]");
    await expect(page.getByTestId("replay-said")).not.toHaveText("");
    await desk.frames(4);
    const bar = page.getByTestId("replay-bar");
    const outer = await bar.boundingBox();
    for (const child of await bar.locator(":scope > *").all()) {
      const box = await child.boundingBox();
      if (!box || !outer) continue;
      expect(box.x + box.width).toBeLessThanOrEqual(outer.x + outer.width + 1);
    }
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
  });
}

test("speaks Chinese", async ({ desk, page }) => {
  await page.addInitScript(() => localStorage.setItem("tc:v1:preferences", JSON.stringify({ language: "zh-CN" })));
  const candles = walk(800);
  await store(desk.server.url, SERIES, candles);
  await desk.open(`/replay?s=${SERIES}&t=${(candles[500] as Candle).candle_time}`);
  await expect(page.locator('[data-health="replay"]')).toContainText("回放");
  await expect(desk.command("replay.toggle").first()).toHaveAttribute("aria-label", "播放");
  await desk.frames(4);
});

test.describe("without it", () => {
  test.use({ args: [...BARE, "--enable-replay-v1=false"] });

  test("a server that has no replay has no mode for it", async ({ desk, page }) => {
    await store(desk.server.url, SERIES, walk(300));
    await desk.open(`/replay?s=${SERIES}`);
    await expect(page).toHaveURL(/\/live\?/);
    await expect(desk.command("mode.replay")).toHaveCount(0);
  });
});
