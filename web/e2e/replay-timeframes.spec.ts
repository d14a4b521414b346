import { type Candle, lastTime, MINUTE, merged, rolledUp, store, walk } from "./support/market";
import { BARE, type Desk, expect, SERIES, test } from "./support/test";

test.use({ args: BARE });

const FIVE = 5 * MINUTE;
const HOUR = 60 * MINUTE;
const seriesOf = (timeframe: string) => SERIES.replace(":1m", `:${timeframe}`);

const minutes = walk(1_500, { end: lastTime(FIVE) + FIVE - MINUTE });
const fives = rolledUp(minutes, FIVE);
const hours = rolledUp(minutes, HOUR);
/** Thirteen minutes have passed of this hour. */
const opened = (hours[20] as Candle).candle_time;
const at = opened + 13 * MINUTE;

async function storeAll(desk: Desk): Promise<void> {
  await store(desk.server.url, SERIES, minutes);
  await store(desk.server.url, seriesOf("5m"), fives);
  await store(desk.server.url, seriesOf("1h"), hours);
}

/** The chart ends where everything is known up to `until`: whole bars, and the one that has begun as far as it had come. */
async function knowsUpTo(desk: Desk, until: number, step: number): Promise<void> {
  const open = Math.floor(until / step) * step;
  const part = minutes.filter(({ candle_time: time }) => time >= open && time < until);
  const { chart } = desk;
  await expect(chart).toHaveAttribute("data-replay-state", "paused");
  await expect(chart).toHaveAttribute("data-last-time", String(open - step));
  await expect(chart).toHaveAttribute("data-forming-time", part.length === 0 ? "" : String(open));
  const close = part.length === 0 ? "" : String(merged(part, open).close);
  await expect(chart).toHaveAttribute("data-forming-close", close);
  await expect(chart).toHaveAttribute("data-draw-to", String(open - step));
}

async function standsAt(desk: Desk, time: number): Promise<void> {
  await expect(desk.chart).toHaveAttribute("data-replay-time", String(time));
}

test("a longer timeframe knows what the shorter one knew, and the way back stands at the same minute", async ({
  desk,
  page,
}) => {
  await storeAll(desk);
  await desk.open(`/replay?s=${SERIES}&t=${at}`);
  await standsAt(desk, at);
  await desk.command("timeframe.1h").first().click();
  await expect(desk.chart).toHaveAttribute("data-series", seriesOf("1h"));
  await standsAt(desk, at);
  await knowsUpTo(desk, at + MINUTE, HOUR);
  await desk.command("timeframe.5m").first().click();
  await expect(desk.chart).toHaveAttribute("data-series", seriesOf("5m"));
  await standsAt(desk, at);
  await knowsUpTo(desk, at + MINUTE, FIVE);
  await page.reload();
  await standsAt(desk, at);
  await knowsUpTo(desk, at + MINUTE, FIVE);
  await desk.command("timeframe.1m").first().click();
  await expect(desk.chart).toHaveAttribute("data-series", SERIES);
  await standsAt(desk, at);
  await expect(desk.chart).toHaveAttribute("data-last-time", String(at));
});

test("a step of another timeframe stays what it was", async ({ desk, page }) => {
  await storeAll(desk);
  await desk.open(`/replay?s=${SERIES}&t=${at}`);
  await standsAt(desk, at);
  await desk.chart.focus();
  await page.keyboard.press(".");
  await standsAt(desk, at + MINUTE);
  // The address is written once in a while; a switch right after a step must not lose it.
  await desk.command("timeframe.1h").first().click();
  await expect(desk.chart).toHaveAttribute("data-series", seriesOf("1h"));
  await standsAt(desk, at + MINUTE);
  await desk.chart.focus();
  await page.keyboard.press(".");
  await standsAt(desk, at + 2 * MINUTE);
  await knowsUpTo(desk, at + 3 * MINUTE, HOUR);
  await expect(page).toHaveURL(new RegExp(`t=${at + 2 * MINUTE}&c=1m`));
  await page.goBack();
  await expect(desk.chart).toHaveAttribute("data-series", SERIES);
  await standsAt(desk, at + MINUTE);
});

test("from a step of a candle back to one of a bar, the bar that was on its way is not shown", async ({
  desk,
  page,
}) => {
  await storeAll(desk);
  await desk.open(`/replay?s=${seriesOf("1h")}&t=${at}&c=1m`);
  await standsAt(desk, at);
  await knowsUpTo(desk, at + MINUTE, HOUR);
  await page.getByRole("radio", { name: "a bar", exact: true }).click();
  await standsAt(desk, opened - HOUR);
  await knowsUpTo(desk, opened, HOUR);
  await page.getByRole("radio", { name: "a candle of 1m" }).click();
  await standsAt(desk, opened - MINUTE);
  await knowsUpTo(desk, opened, HOUR);
});

test("without shorter candles the last complete bar is shown, and the way back is exact", async ({ desk, page }) => {
  const threes = rolledUp(minutes, 3 * MINUTE);
  await store(desk.server.url, seriesOf("3m"), threes);
  await store(desk.server.url, seriesOf("5m"), fives);
  const bar = fives.find(({ candle_time: time }) => time > opened && (time + FIVE) % (3 * MINUTE) !== 0) as Candle;
  const until = bar.candle_time + FIVE;
  await desk.open(`/replay?s=${seriesOf("5m")}&t=${bar.candle_time}`);
  await standsAt(desk, bar.candle_time);
  await desk.chart.focus();
  await page.keyboard.press("3");
  await expect(page.getByTestId("timeframe-typing").getByRole("textbox")).toHaveValue("3");
  await page.keyboard.type("m");
  await page.keyboard.press("Enter");
  await expect(desk.chart).toHaveAttribute("data-series", seriesOf("3m"));
  const whole = Math.floor(until / (3 * MINUTE)) * 3 * MINUTE - 3 * MINUTE;
  await standsAt(desk, whole);
  await expect(desk.chart).toHaveAttribute("data-last-time", String(whole));
  await desk.command("timeframe.5m").first().click();
  await expect(desk.chart).toHaveAttribute("data-series", seriesOf("5m"));
  await standsAt(desk, bar.candle_time);
});

test("a timeframe whose history begins later shows none of it", async ({ desk, page }) => {
  await store(desk.server.url, SERIES, minutes);
  await store(desk.server.url, seriesOf("1h"), hours.slice(22));
  await desk.open(`/replay?s=${SERIES}&t=${at}`);
  await standsAt(desk, at);
  await desk.command("timeframe.1h").first().click();
  await expect(page.getByTestId("replay-failed")).toContainText("No candle is stored at or before this time");
  await expect(desk.chart).toHaveAttribute("data-replay-time", "");
  await desk.command("timeframe.1m").first().click();
  await standsAt(desk, at);
});

test("a longer bar forms from the shorter ones while it is replayed", async ({ desk, page }) => {
  await storeAll(desk);
  const bar = fives[200] as Candle;
  await desk.open(`/replay?s=${seriesOf("5m")}&t=${bar.candle_time}`);
  await standsAt(desk, bar.candle_time);
  await page.getByText("a candle of 1m").click();
  const from = bar.candle_time + 4 * MINUTE;
  await standsAt(desk, from);
  await desk.chart.focus();
  for (let step = 1; step <= 6; step += 1) {
    await page.keyboard.press(".");
    await standsAt(desk, from + step * MINUTE);
    await knowsUpTo(desk, from + (step + 1) * MINUTE, FIVE);
  }
});
