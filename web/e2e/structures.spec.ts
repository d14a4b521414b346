import type { Locator } from "@playwright/test";
import { after, close, store, walk } from "./support/market";
import { picture, plotBox } from "./support/pixels";
import { type Desk, expect, SERIES, test } from "./support/test";

const OTHER = "binance:futures:OTHER/USDT:1m";

/** Small pivots, so that a short walk carries every structure. */
test.use({
  args: [
    ...["--profile", "bare", "--enable-debug-api", "--enable-dev-api"],
    ...["--pivot-window-major", "5", "--pivot-window-minor", "2"],
  ],
});

const FEATURES = [
  "pen-confirmed",
  "pen-extending",
  "zhongshu-dead",
  "anchor-current",
  "anchor-history",
  "anchor-switch",
  "sr-active",
  "pivot-major",
];

test("every structure is drawn, counted and listed", async ({ desk, server, page }) => {
  await store(server.url, SERIES, walk(2_000));
  await desk.open();
  await desk.drawn();
  for (const feature of FEATURES) {
    expect(await desk.number(`data-count-${feature}`), feature).toBeGreaterThan(0);
  }
  expect(await desk.number("data-label-overlaps")).toBe(0);
  for (const key of ["zhongshu", "anchor", "sr"]) await expect(desk.factor(key)).toBeVisible();
  await expect(page.locator('[data-panel="factors"]')).toHaveAttribute("data-state", "ready");
});

test("sub-features are switched one by one, and a hidden one is off the chart", async ({ desk, server }) => {
  await store(server.url, SERIES, walk(2_000));
  await desk.open(`/live?s=${SERIES}&n=400`);
  await desk.drawn();
  expect(await desk.number("data-shown-sr-broken")).toBe(0);
  await desk.factor("sr.broken").click();
  await expect.poll(() => desk.number("data-shown-sr-broken")).toBeGreaterThan(0);
  await expect(desk.factor("sr")).toHaveAttribute("aria-checked", "true");
  for (const key of ["zhongshu.dead", "anchor.current", "sr.active"]) {
    await expect.poll(() => desk.number(`data-shown-${key.replace(".", "-")}`)).toBeGreaterThan(0);
    await desk.factor(key).click();
    await expect(desk.chart).toHaveAttribute(`data-shown-${key.replace(".", "-")}`, "0");
  }
  await expect(desk.factor("anchor.switch")).toHaveAttribute("aria-checked", "true");
});

test("a thing under the mouse says what it is and since when it is known", async ({ desk, server, page }) => {
  await store(server.url, SERIES, walk(2_000));
  await desk.open();
  await desk.drawn();
  await desk.command("panel.inspector").click();
  const tooltip = page.locator(".tc-tooltip");
  expect(await findByMouse(desk, tooltip, /Known since \d{4}-\d\d-\d\d/)).toBe(true);
  const lines = await tooltip.locator("p").allTextContents();
  expect(lines.length).toBeGreaterThanOrEqual(3);
  expect(lines.length).toBeLessThanOrEqual(4);
  await page.mouse.down();
  await page.mouse.up();
  await expect(desk.chart).not.toHaveAttribute("data-selected", "");
  await expect(page.getByTestId("inspector-object")).toContainText(lines[0] as string);
  await page.keyboard.press("Escape");
  await expect(desk.chart).toHaveAttribute("data-selected", "");
});

test("keys go through the objects and inspect a bar", async ({ desk, server, page }) => {
  await store(server.url, SERIES, walk(1_200));
  await desk.open();
  await desk.drawn();
  await desk.chart.focus();
  await page.keyboard.press("Alt+ArrowDown");
  await expect(desk.chart).not.toHaveAttribute("data-selected", "");
  const first = await desk.chart.getAttribute("data-selected");
  await expect(page.locator('[data-panel="inspector"]')).toHaveAttribute("data-state", "ready");
  for (let step = 0; step < 8; step += 1) await page.keyboard.press("Alt+ArrowDown");
  await expect(desk.chart).not.toHaveAttribute("data-selected", first ?? "");
  await expect(desk.chart.locator("[aria-live]")).toContainText("nown since");

  for (let step = 0; step < 5; step += 1) await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("Enter");
  const time = await desk.chart.getAttribute("data-selected");
  expect(time).toMatch(/^\d{10}$/);
  await expect(page.getByTestId("inspector-bar").locator("[data-time]")).toHaveAttribute("data-time", time ?? "");
});

test("drawings and candles stay in step while panning, zooming, streaming and switching", async ({
  desk,
  server,
  page,
}) => {
  const candles = walk(2_000);
  await store(server.url, SERIES, candles);
  await store(server.url, OTHER, walk(2_000, { seed: 5, start: 300 }));
  await desk.open();
  await desk.drawn();
  await page.evaluate(watchSteps);
  let last = candles.at(-1) as (typeof candles)[number];
  for (let step = 0; step < 6; step += 1) {
    last = after(last, last.close + (step % 2 === 0 ? 6 : -5));
    await close(server.url, SERIES, last);
    await desk.chart.focus();
    await page.keyboard.press(step % 2 === 0 ? "PageUp" : "End");
    await page.keyboard.press(step % 2 === 0 ? "+" : "-");
  }
  await page.keyboard.press("End");
  await expect(desk.chart).toHaveAttribute("data-last-time", String(last.candle_time));
  await desk.drawn();
  await page.goto(`${server.url}/live?s=${OTHER}`);
  await desk.ready();
  await desk.drawn();
  await page.goto(`${server.url}/live?s=${SERIES}`);
  await desk.ready();
  await desk.drawn();
  expect(await desk.number("data-draw-to")).toBe(last.candle_time);
});

test("Shift and drag measures; the next click takes it away", async ({ desk, server, page }) => {
  await store(server.url, SERIES, walk(800));
  await desk.open();
  await desk.drawn();
  await desk.rest();
  const box = await plotBox(desk.chart);
  const before = await picture(page, box);
  const from = await desk.chart.getAttribute("data-visible-from");
  await page.keyboard.down("Shift");
  await page.mouse.move(box.x + 200, box.y + 300);
  await page.mouse.down();
  await page.mouse.move(box.x + 400, box.y + 200, { steps: 6 });
  await page.mouse.up();
  await page.keyboard.up("Shift");
  await expect(desk.chart.locator("[aria-live]")).toContainText(/\d+ bars/);
  await expect(desk.chart).toHaveAttribute("data-visible-from", from ?? "");
  await desk.rest();
  expect((await picture(page, box)).differs(before).length).toBeGreaterThan(150);
  await page.mouse.click(box.x + 20, box.y + 20);
  await desk.rest();
  await expect.poll(async () => (await picture(page, box)).differs(before).length).toBe(0);
});

test("only new drawings are asked for after the first frame", async ({ desk, server, page }) => {
  const asked: string[] = [];
  page.on("request", (request) => {
    const { pathname, searchParams } = new URL(request.url());
    if (/draw|frame|poll/.test(pathname)) asked.push(`${pathname} ${searchParams.get("cursor_version_id") ?? ""}`);
  });
  const candles = walk(900);
  await store(server.url, SERIES, candles);
  await desk.open();
  await desk.drawn();
  const last = candles.at(-1) as (typeof candles)[number];
  const next = after(last, last.close + 3);
  await close(server.url, SERIES, next);
  await expect(desk.chart).toHaveAttribute("data-draw-to", String(next.candle_time));
  expect(asked[0]).toBe("/api/frame/live ");
  expect(asked.filter((path) => path.startsWith("/api/frame/live"))).toHaveLength(1);
  expect(asked.at(-1)).toBe(`/api/draw/delta ${last.candle_time}`);
  expect(asked.filter((path) => path.startsWith("/api/delta/poll"))).toEqual([]);
});

/** Moves over the chart until the tooltip says something that matches. */
async function findByMouse(desk: Desk, tooltip: Locator, words: RegExp): Promise<boolean> {
  const box = await plotBox(desk.chart);
  for (let x = box.width * 0.9; x > box.width * 0.3; x -= 23) {
    for (let y = box.height * 0.15; y < box.height * 0.75; y += 19) {
      await desk.page.mouse.move(box.x + x, box.y + y);
      const pointing = await desk.page.locator(".tc-plot.tc-pointing").count();
      if (pointing === 0) continue;
      await expect(tooltip).toBeVisible();
      const said = await expect(tooltip)
        .toContainText(words, { timeout: 2_500 })
        .then(() => true)
        .catch(() => false);
      if (said) return true;
    }
  }
  return false;
}

/** Fails the page as soon as a drawing is on the chart that is newer than its candles. Runs in the page. */
function watchSteps(): void {
  const chart = document.querySelector<HTMLElement>('[data-testid="chart"]');
  if (!chart) return;
  new MutationObserver(() => {
    const { drawTo = "", lastTime = "" } = chart.dataset;
    if (drawTo !== "" && lastTime !== "" && Number(drawTo) > Number(lastTime)) {
      throw new Error(`drawing ${drawTo} before its candle ${lastTime}`);
    }
  }).observe(chart, { attributes: true, attributeFilter: ["data-frames"] });
}
