import type { Page } from "@playwright/test";
import { replayConnection } from "./support/connection";
import { type Candle, store, walk } from "./support/market";
import type { Server } from "./support/server";
import { BARE, Desk, expect, SERIES, test } from "./support/test";

test.use({ args: BARE });

/** Prices of seven digits: a wide price axis. */
const candles = walk(800, { start: 102_000 });
const bar = (index: number): Candle => candles[index] as Candle;

async function replayFrom(desk: Desk, index: number): Promise<void> {
  await store(desk.server.url, SERIES, candles);
  await desk.open(`/replay?s=${SERIES}&t=${bar(index).candle_time}`);
  await expect(desk.chart).toHaveAttribute("data-replay-state", "paused");
}

interface Box {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/** The bar, the parts in it, and the axes beside it. */
async function places(
  page: Page,
): Promise<{ bar: Box; parts: (Box & { name: string })[]; axis: number; time: number }> {
  return page.evaluate(() => {
    const box = (element: Element) => {
      const { left, right, top, bottom } = element.getBoundingClientRect();
      return { left, right, top, bottom };
    };
    const bar = document.querySelector<HTMLElement>('[data-testid="replay-bar"]');
    const chart = document.querySelector<HTMLElement>('[data-testid="chart"]');
    if (!bar || !chart) throw new Error("no bar on the chart");
    const size = (name: string) => Number.parseFloat(chart.style.getPropertyValue(name));
    const { right, bottom } = chart.getBoundingClientRect();
    const parts = [...bar.querySelectorAll("button, select, input, [role=slider], [data-testid]")].map((part) => ({
      ...box(part),
      name: part.getAttribute("data-cmd") ?? part.getAttribute("data-testid") ?? part.tagName,
    }));
    const shown = parts.filter(({ left, right }) => right > left);
    return {
      bar: box(bar),
      parts: shown,
      axis: right - size("--tc-price-axis"),
      time: bottom - size("--tc-time-axis"),
    };
  });
}

async function onDevice(
  { browser, server }: { browser: import("@playwright/test").Browser; server: Server },
  device: { width: number; touch: boolean },
  run: (desk: Desk) => Promise<void>,
): Promise<void> {
  const { width, touch } = device;
  const context = await browser.newContext({
    viewport: { width, height: 800 },
    hasTouch: touch,
    isMobile: touch,
    locale: "en-GB",
    timezoneId: "UTC",
  });
  await run(new Desk(await context.newPage(), server));
  await context.close();
}

const DEVICES = [
  { width: 1600, touch: false },
  { width: 820, touch: false },
  { width: 820, touch: true },
  { width: 390, touch: true },
  { width: 320, touch: true },
];

for (const device of DEVICES) {
  const name = `${device.width}${device.touch ? " with fingers" : ""}`;
  test(`the bar leaves the price axis alone and holds its parts at ${name}`, async ({ browser, server }) => {
    await onDevice({ browser, server }, device, async (desk) => {
      const { page } = desk;
      await replayFrom(desk, 500);
      await desk.chart.focus();
      await page.keyboard.press("]");
      await expect(page.getByTestId("replay-said")).not.toHaveText("");
      await desk.frames(4);
      const { bar, parts, axis, time } = await places(page);
      expect(Math.abs(bar.right - axis)).toBeLessThanOrEqual(1);
      expect(Math.abs(bar.bottom - time)).toBeLessThanOrEqual(1);
      for (const part of parts) {
        expect(part.left, part.name).toBeGreaterThanOrEqual(bar.left - 1);
        expect(part.right, part.name).toBeLessThanOrEqual(bar.right + 1);
        expect(part.top, part.name).toBeGreaterThanOrEqual(bar.top - 1);
        expect(part.bottom, part.name).toBeLessThanOrEqual(bar.bottom + 1);
      }
      const controls = parts.filter(({ name }) => name.startsWith("replay.") || name === "SELECT");
      for (const [at, one] of controls.entries()) {
        const next = controls[at + 1];
        if (next) expect(one.right, `${one.name} beside ${next.name}`).toBeLessThanOrEqual(next.left + 1);
      }
      for (const id of ["exit", "back", "toggle", "forward"]) await expect(desk.command(`replay.${id}`)).toBeVisible();
    });
  });

  test(`date and time of the position can be read in full at ${name}`, async ({ browser, server }) => {
    await onDevice({ browser, server }, device, async (desk) => {
      await replayFrom(desk, 500);
      const clock = desk.page.getByTestId("replay-clock");
      const shown = new Date(bar(500).candle_time * 1_000).toISOString().slice(0, 16).replace("T", " ");
      await expect(clock).toHaveText(shown);
      const cut = await clock.evaluate((node) => {
        const range = document.createRange();
        range.selectNodeContents(node);
        const text = range.getBoundingClientRect();
        let home: HTMLElement | null = node as HTMLElement;
        while (home && home.dataset.testid !== "replay-bar") {
          const { left, right } = home.getBoundingClientRect();
          if (text.left < left - 1 || text.right > right + 1) return `${home.tagName} ${left}-${right}: ${text.left}`;
          home = home.parentElement;
        }
        const over = document.elementFromPoint((text.left + text.right) / 2, (text.top + text.bottom) / 2);
        return over === node ? "" : `below ${over?.outerHTML.slice(0, 80)}`;
      });
      expect(cut).toBe("");
      if (device.width > 600) {
        const symbol = desk.page.locator('[data-region="topbar"] [data-cmd="symbol.search"]');
        expect(await symbol.evaluate((node) => node.scrollWidth - node.clientWidth)).toBeLessThanOrEqual(0);
        const name = symbol.getByText("TEST/USDT");
        expect(await name.evaluate((node) => node.scrollWidth - node.clientWidth)).toBeLessThanOrEqual(0);
      }
    });
  });
}

test("the scrubber has one width, whatever is said beside it", async ({ desk, page }) => {
  await replayFrom(desk, 500);
  const scrubber = page.getByTestId("replay-scrubber");
  const said = page.getByTestId("replay-said");
  await expect(said).toHaveText("");
  const before = await scrubber.boundingBox();
  await desk.chart.focus();
  await page.keyboard.press("]");
  await expect(said).not.toHaveText("");
  expect(await scrubber.boundingBox()).toEqual(before);
  await page.keyboard.press("Escape");
  await expect(said).toHaveText(/Esc again/);
  expect(await scrubber.boundingBox()).toEqual(before);
  await expect(said).toHaveAttribute("data-tip", /Esc again/);
});

test("the keys of a replay work after a click on its bar, and beside the chart", async ({ desk, page }) => {
  await replayFrom(desk, 500);
  const at = (index: number) => expect(desk.chart).toHaveAttribute("data-replay-time", String(bar(index).candle_time));
  await desk.command("replay.forward").click();
  await at(501);
  await page.keyboard.press(".");
  await at(502);
  await page.keyboard.press("Space");
  await expect(desk.chart).toHaveAttribute("data-replay-state", "playing");
  await desk.command("replay.toggle").click();
  await expect(desk.chart).toHaveAttribute("data-replay-state", "paused");
  const stood = await desk.number("data-replay-time");
  await page.keyboard.press(",");
  await expect(desk.chart).toHaveAttribute("data-replay-time", String(stood - 60));
  // A control that was reached by keys keeps Space, and gives the rest away.
  await desk.command("replay.back").focus();
  await page.keyboard.press("Space");
  await expect(desk.chart).toHaveAttribute("data-replay-time", String(stood - 120));
  await page.keyboard.press(".");
  await expect(desk.chart).toHaveAttribute("data-replay-time", String(stood - 60));
  await page.locator('[data-factor="pen"]').first().focus();
  await page.keyboard.press(".");
  await expect(desk.chart).toHaveAttribute("data-replay-time", String(stood));
});

test("a timeframe without candles has one card, the way to them, and nothing of the other one", async ({
  desk,
  page,
}) => {
  await replayFrom(desk, 500);
  await expect(page.locator(".tc-legend")).toContainText(String(bar(500).close));
  await desk.command("timeframe.5m").first().click();
  const card = page.getByTestId("replay-failed");
  await expect(card).toContainText("No candle is stored at or before this time");
  await expect(page.getByRole("alert").filter({ hasText: "Code" })).toHaveCount(1);
  await expect(page.locator(".tc-legend")).toContainText("5m");
  await expect(page.locator(".tc-legend")).not.toContainText(/\d{6}/);
  await expect(desk.chart).toHaveAttribute("data-last-time", "");
  await expect(card).toContainText(/in \d+ s/);
  // Five-minute bars are made of the minutes that are there.
  await card.locator('[data-cmd="replay.load"]').click();
  await expect(card).toHaveCount(0);
  await expect.poll(() => desk.number("data-candles")).toBeGreaterThan(50);
});

test("a series without candles says why none can be fetched, and is shown once there are some", async ({
  desk,
  page,
}) => {
  const empty = SERIES.replace("TEST", "NONE");
  await store(desk.server.url, SERIES, candles);
  await desk.visit(`/replay?s=${empty}&t=${bar(500).candle_time}`);
  const card = page.getByTestId("replay-failed");
  await card.locator('[data-cmd="replay.load"]').click();
  await expect(page.getByTestId("replay-not-loaded")).toContainText("The missing candles could not be fetched");
  await expect(card).toContainText(/in \d+ s/);
  await store(desk.server.url, empty, candles);
  await expect(card).toHaveCount(0, { timeout: 40_000 });
  await expect(desk.chart).toHaveAttribute("data-replay-time", String(bar(500).candle_time));
});

test("the past says nothing of now: neither beside the factors nor with every bar that passes", async ({
  desk,
  page,
}) => {
  await replayFrom(desk, 500);
  const stood = new Date(bar(500).candle_time * 1_000).toISOString().slice(11, 16);
  await expect(page.getByTestId("factors-freshness")).toHaveText(new RegExp(`^Complete to .*${stood}$`));
  await expect(page.getByTestId("replay-spoken")).toHaveText(/^Replay at /);
  const said = await page.getByTestId("replay-spoken").textContent();
  await desk.command("replay.forward").click();
  await expect(desk.chart).toHaveAttribute("data-replay-time", String(bar(501).candle_time));
  await expect(page.getByTestId("replay-spoken")).toHaveText(said ?? "");
  await expect(page.locator('[data-health="replay"]')).not.toHaveAttribute("role", "status");
  await desk.command("replay.exit").click();
  await expect(page.getByTestId("replay-spoken")).toHaveText("Live again");
});

test("an event found after a pan is in view, and one Escape more than usual is not needed", async ({ desk, page }) => {
  await replayFrom(desk, 500);
  await desk.panLeft(900);
  await expect(desk.chart).toHaveAttribute("data-follow", "false");
  await desk.chart.focus();
  await page.keyboard.press("]");
  await expect(page.getByTestId("replay-said")).not.toHaveText("");
  await expect(desk.chart).toHaveAttribute("data-follow", "true");
  const found = await desk.number("data-replay-time");
  await expect.poll(() => desk.number("data-visible-to")).toBeGreaterThanOrEqual(found);
  await expect(desk.chart).not.toHaveAttribute("data-selected", "");
  await page.keyboard.press("Escape");
  await expect(desk.chart).toHaveAttribute("data-selected", "");
  await page.keyboard.press("Escape");
  await expect(desk.chart).toHaveAttribute("data-mode", "live");
});

test("the card of an empty series can be used while a first bar is to be picked", async ({ desk, page }) => {
  await store(desk.server.url, SERIES, candles);
  await desk.visit(`/replay?s=${SERIES.replace(":1m", ":5m")}`);
  await page.getByTestId("chart-empty").getByRole("button").click();
  await expect(page.getByTestId("symbol-search")).toBeVisible();
  await expect(page.getByTestId("replay-pick")).toHaveCount(0);
});

test("the hint of picking is one line, and says when no random bar can be had", async ({ desk, page, complaints }) => {
  await store(desk.server.url, SERIES, candles);
  await desk.open(`/replay?s=${SERIES}`);
  const hint = page.getByTestId("replay-pick");
  await expect(hint).toContainText("Esc cancels");
  await expect(hint).toContainText("Alt+G");
  const box = await hint.boundingBox();
  expect(box?.height).toBeLessThan(48);
  await page.route(/replay\/outline/, (route) => route.abort());
  await desk.command("replay.pick.random").click();
  await expect(hint).toContainText("The stored history could not be read");
  complaints.length = 0;
});

test("what is asked for while the connection is down is refused with words, and a seek waits for it", async ({
  desk,
  page,
  complaints,
}) => {
  const connection = await replayConnection(page);
  await replayFrom(desk, 500);
  await connection.cut();
  const said = page.getByTestId("replay-said");
  await expect(said).toContainText("Connection lost");
  await desk.command("replay.forward").click();
  await expect(said).toHaveText("Not done: the connection is lost");
  await page.getByTestId("replay-scrubber").click({ position: { x: 40, y: 10 } });
  await expect(said).toHaveText(/^Goes to .* when the connection is back$/);
  await expect(page.locator("main")).not.toContainText(/Prices from/);
  connection.allow();
  await expect(said).toHaveText("", { timeout: 30_000 });
  await expect.poll(() => desk.number("data-replay-index")).toBeLessThan(300);
  complaints.length = 0;
});
