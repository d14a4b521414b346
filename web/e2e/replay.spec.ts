import { readFileSync } from "node:fs";
import type { Locator } from "@playwright/test";
import { PNG } from "pngjs";
import { type Candle, lastTime, MINUTE, store, walk } from "./support/market";
import { startServer } from "./support/server";
import { BARE, Desk, expect, SERIES, test } from "./support/test";

test.use({ args: BARE });

const BARS = 1_200;
const candles = walk(BARS, { end: lastTime() });
const bar = (index: number): Candle => candles[index] as Candle;

async function stored(desk: Desk): Promise<void> {
  await store(desk.server.url, SERIES, candles);
}

/** Replays from a bar by its address. */
async function replayFrom(desk: Desk, index: number): Promise<void> {
  await stored(desk);
  await desk.open(`/replay?s=${SERIES}&t=${bar(index).candle_time}`);
  await standsAt(desk, index);
}

async function standsAt(desk: Desk, index: number): Promise<void> {
  await expect(desk.chart).toHaveAttribute("data-replay-time", String(bar(index).candle_time));
  await expect(desk.chart).toHaveAttribute("data-last-time", String(bar(index).candle_time));
  await expect(desk.chart).toHaveAttribute("data-draw-to", String(bar(index).candle_time));
}

test("a bar is picked on the chart and everything right of it is gone", async ({ desk, page }) => {
  await stored(desk);
  await desk.open();
  await desk.drawn();
  await expect(desk.command("mode.replay")).toBeVisible();
  await page.keyboard.press("Alt+b");
  await expect(desk.chart).toHaveAttribute("data-mode", "pick");
  await expect(page.getByTestId("replay-pick")).toBeVisible();
  const box = await desk.chart.boundingBox();
  if (!box) throw new Error("no chart");
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await desk.frames(2);
  await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
  await expect(desk.chart).toHaveAttribute("data-mode", "replay");
  await expect(desk.chart).toHaveAttribute("data-replay-state", "paused");
  const at = await desk.number("data-replay-time");
  expect(at).toBeLessThan(bar(BARS - 20).candle_time);
  expect(await desk.number("data-last-time")).toBe(at);
  await expect(desk.chart).toHaveAttribute("data-draw-to", String(at));
  await expect(desk.chart).toHaveAttribute("data-forming-time", "");
  await expect(page.locator('[data-health="replay"]')).toBeVisible();
  await expect(page).toHaveTitle(/^▶ REPLAY/);
  await desk.frames(3);
});

test("steps go both ways and come back to the same picture", async ({ desk, page }) => {
  await replayFrom(desk, 800);
  const active = await desk.chart.getAttribute("data-active");
  await desk.chart.focus();
  await page.keyboard.press(".");
  await standsAt(desk, 801);
  await page.keyboard.press("Shift+ArrowRight");
  await standsAt(desk, 802);
  await page.keyboard.press(",");
  await page.keyboard.press("Shift+ArrowLeft");
  await standsAt(desk, 800);
  expect(await desk.chart.getAttribute("data-active")).toBe(active);
});

test("plays to the end of the history, and begins again from where it started", async ({ desk, page }) => {
  await replayFrom(desk, 600);
  await desk.chart.focus();
  for (let stop = 0; stop < 10; stop += 1) await page.keyboard.press(">");
  await expect(page.getByTestId("replay-speed").first()).toHaveText("1000×");
  await page.keyboard.press("Space");
  await expect(desk.chart).toHaveAttribute("data-replay-state", "ended");
  await standsAt(desk, BARS - 1);
  await expect(desk.command("replay.toggle").first()).toHaveAttribute("aria-label", "Replay from start");
  await page.keyboard.press("<");
  await page.keyboard.press("<");
  await page.keyboard.press("<");
  await page.keyboard.press("<");
  await page.keyboard.press("Space");
  await expect(desk.chart).toHaveAttribute("data-replay-state", "playing");
  await page.keyboard.press("Shift+ArrowDown");
  await expect(desk.chart).toHaveAttribute("data-replay-state", "paused");
  expect(await desk.number("data-replay-time")).toBeLessThan(bar(BARS - 1).candle_time);
});

test("goes to the next and the previous event, and says what it found", async ({ desk, page }) => {
  await replayFrom(desk, 600);
  await desk.chart.focus();
  await page.keyboard.press("]");
  const said = page.getByTestId("replay-said");
  await expect(said).toHaveText(/Pen confirmed|Zone born|Zone ended|Anchor switched|Level broken/);
  const found = await desk.number("data-replay-time");
  expect(found).toBeGreaterThan(bar(600).candle_time);
  await page.keyboard.press("]");
  await expect.poll(() => desk.number("data-replay-time")).toBeGreaterThan(found);
  await page.keyboard.press("[");
  await expect(desk.chart).toHaveAttribute("data-replay-time", String(found));
  await desk.command("replay.events").click();
  for (const kind of ["zhongshu.formed", "zhongshu.dead", "anchor.switch", "sr.broken"])
    await page.locator(`[popover] [data-kind="${kind}"]`).uncheck();
  await page.keyboard.press("Escape");
  await desk.command("replay.next").first().click();
  await expect(said).toHaveText("Pen confirmed");
  await expect(desk.chart).toHaveAttribute("data-selected", /^(pen\.confirmed|\d+)/);
});

test("the scrubber seeks, shows nothing right of its handle, and its keys step", async ({ desk, page }) => {
  await replayFrom(desk, 900);
  const scrubber = page.getByTestId("replay-scrubber");
  const box = await scrubber.boundingBox();
  if (!box) throw new Error("no scrubber");
  await page.mouse.move(box.x + box.width * 0.5, box.y + box.height / 2);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.4, box.y + box.height / 2, { steps: 8 });
  await page.mouse.up();
  await expect.poll(() => desk.number("data-replay-index")).toBeLessThan(BARS * 0.42);
  expect(await desk.number("data-replay-index")).toBeGreaterThan(BARS * 0.38);
  const at = await desk.number("data-replay-time");
  expect(await desk.number("data-last-time")).toBe(at);
  await expect.poll(() => drawnRightOfHandle(scrubber)).toBe(0);
  await scrubber.press("ArrowRight");
  await expect(desk.chart).toHaveAttribute("data-replay-time", String(at + MINUTE));
  await scrubber.press("End");
  await standsAt(desk, 900);
  await scrubber.press("Home");
  await standsAt(desk, 900);
});

/** Columns of the scrubber beyond its handle that carry anything. */
function drawnRightOfHandle(scrubber: Locator): Promise<number> {
  return scrubber.locator("canvas").evaluate((node: HTMLCanvasElement) => {
    const ctx = node.getContext("2d");
    if (!ctx) return -1;
    const { data, width, height } = ctx.getImageData(0, 0, node.width, node.height);
    const filled = (x: number) =>
      Array.from({ length: height }, (_, y) => data[(y * width + x) * 4 + 3] ?? 0).filter((alpha) => alpha > 0).length;
    // The handle is the only column that is filled from top to bottom.
    let handle = 0;
    for (let x = 0; x < width; x += 1) if (filled(x) >= height - 2) handle = x;
    let drawn = 0;
    for (let x = handle + 3; x < width; x += 1) if (filled(x) > 0) drawn += 1;
    return drawn;
  });
}

test("live comes back without a reload, at the newest bar and with the zoom it had", async ({ desk, page }) => {
  await stored(desk);
  await desk.open();
  await desk.drawn();
  await desk.chart.focus();
  await page.keyboard.press("+");
  await page.keyboard.press("+");
  await desk.frames(3);
  const spacing = await desk.chart.getAttribute("data-bar-spacing");
  await page.evaluate(() => Object.assign(window, { same: true }));
  await page.keyboard.press("Alt+b");
  await desk.command("replay.pick.random").click();
  await expect(desk.chart).toHaveAttribute("data-replay-state", "paused");
  await page.keyboard.press("-");
  await desk.chart.focus();
  await page.keyboard.press("Escape");
  await expect(page.getByTestId("replay-said")).toHaveText("Esc again leaves the replay");
  await page.keyboard.press("Escape");
  await expect(desk.chart).toHaveAttribute("data-mode", "live");
  await expect(desk.chart).toHaveAttribute("data-last-time", String(bar(BARS - 1).candle_time));
  await expect(desk.chart).toHaveAttribute("data-follow", "true");
  await expect(desk.chart).toHaveAttribute("data-bar-spacing", spacing ?? "");
  await expect(page.locator('[data-health="replay"]')).toHaveCount(0);
  await expect(page).not.toHaveTitle(/REPLAY/);
  expect(await page.evaluate(() => "same" in window)).toBe(true);
  await page.goBack();
  await expect(desk.chart).toHaveAttribute("data-mode", "replay");
});

test("the address holds the position, and a copied one stands there again", async ({ desk, page }) => {
  await replayFrom(desk, 700);
  await desk.chart.focus();
  await page.keyboard.press(".");
  await expect(page).toHaveURL(new RegExp(`t=${bar(701).candle_time}`));
  await page.reload();
  await standsAt(desk, 701);
  await page.evaluate((t) => {
    const url = new URL(location.href);
    url.searchParams.set("t", String(t));
    history.pushState(null, "", url);
    dispatchEvent(new PopStateEvent("popstate"));
  }, bar(500).candle_time);
  await standsAt(desk, 500);
});

test("no price of now is on the screen", async ({ desk, page }) => {
  await replayFrom(desk, 300);
  const now = String((candles.at(-1) as Candle).close);
  await expect(page.locator("body")).not.toContainText(now);
  await page.keyboard.press("Alt+m");
  await expect(page.locator('[data-panel="markets"] [role="note"]')).toHaveText(/hidden while the past/);
  await expect(page.locator("body")).not.toContainText(now);
  await expect(page.locator('link[rel="icon"]')).toHaveAttribute("href", "/favicon-replay.svg");
});

test("the picture is the same whatever comes after", async ({ desk, page, browser }) => {
  await replayFrom(desk, 800);
  await desk.rest();
  await desk.frames(4);
  const first = await desk.chart.screenshot();
  const other = await startServer({ args: BARE });
  try {
    const changed = candles.map((candle, index) =>
      index <= 800 ? candle : { ...candle, high: candle.high * 3, close: candle.close * 2, volume: candle.volume * 9 },
    );
    await store(other.url, SERIES, changed);
    const context = await browser.newContext();
    const second = new Desk(await context.newPage(), other);
    await second.open(`/replay?s=${SERIES}&t=${bar(800).candle_time}`);
    await standsAt(second, 800);
    await second.rest();
    await second.frames(4);
    const [a, b] = [PNG.sync.read(first), PNG.sync.read(await second.chart.screenshot())];
    const bars = { left: 0, top: 40, right: a.width, bottom: a.height - 90 };
    expect(differing(a, b, bars)).toBe(0);
    await context.close();
  } finally {
    await other.remove();
  }
  expect(page.isClosed()).toBe(false);
});

function differing(
  a: PNG,
  b: PNG,
  { left, top, right, bottom }: Record<"left" | "top" | "right" | "bottom", number>,
): number {
  let count = 0;
  for (let y = top; y < bottom; y += 1) {
    for (let x = left; x < right; x += 1) {
      const at = (y * a.width + x) * 4;
      if (a.data[at] !== b.data[at] || a.data[at + 1] !== b.data[at + 1] || a.data[at + 2] !== b.data[at + 2])
        count += 1;
    }
  }
  return count;
}

test("a package is saved, downloaded and opened again", async ({ desk, page, complaints }) => {
  await replayFrom(desk, 400);
  const part = page.getByTestId("replay-package");
  await part.locator('[data-cmd="replay.package.save"]').click();
  const link = part.locator('[data-cmd="replay.package.export"]');
  await expect(link).toBeVisible();
  await expect(part).toContainText("401 bars");
  const loaded = page.waitForEvent("download");
  await link.click();
  const file = await loaded;
  expect(file.suggestedFilename()).toMatch(/^binance_futures_TEST-USDT_1m_\d{8}-\d{4}_\d{8}-\d{4}\.tcreplay$/);
  const path = await file.path();
  expect(readFileSync(path).length).toBeGreaterThan(1_000);
  await page.getByTestId("replay-import").setInputFiles({
    name: "shared.tcreplay",
    mimeType: "application/octet-stream",
    buffer: readFileSync(path),
  });
  await expect(page.getByTestId("replay-imported")).toContainText(`${SERIES}, 401 bars`);
  await page.locator('[data-cmd="replay.package.goTo"]').click();
  await standsAt(desk, 0);
  await page.getByTestId("replay-import").setInputFiles({
    name: "broken.tcreplay",
    mimeType: "application/octet-stream",
    buffer: Buffer.from("not a package"),
  });
  await expect(part.locator("[data-error-code]")).toBeVisible();
  // The browser writes of every refused request.
  expect(complaints.splice(0)).toHaveLength(1);
});
