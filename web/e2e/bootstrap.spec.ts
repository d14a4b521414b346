import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, close, walk } from "./support/market";
import { picture, plotBox } from "./support/pixels";
import { BARE, expect, SERIES, test } from "./support/test";

const candles = walk(900);

/** A freqtrade data directory with the candles of the series, as its downloader leaves it. */
function dataDirectory(): string {
  const folder = mkdtempSync(join(tmpdir(), "trade-canvas-datadir-"));
  mkdirSync(join(folder, "futures"));
  const rows = candles.map(({ candle_time, open, high, low, close, volume }) => [
    candle_time * 1_000,
    open,
    high,
    low,
    close,
    volume,
  ]);
  writeFileSync(join(folder, "futures", "TEST_USDT_USDT-1m-futures.json"), JSON.stringify(rows));
  return folder;
}

const folder = dataDirectory();
test.afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.use({
  args: [
    ...BARE,
    "--enable-market-auto-tail-backfill",
    "--market-history-source",
    "freqtrade",
    "--freqtrade-datadir",
    folder,
  ],
});

test("a series that was never stored opens with the candles of its file, and goes on live", async ({
  desk,
  server,
  page,
}) => {
  const head = async () => {
    const query = new URLSearchParams({ series_id: SERIES, limit: "1" });
    const answer = await fetch(`${server.url}/api/market/candles?${query}`);
    return ((await answer.json()) as { server_head_time: number | null }).server_head_time;
  };
  expect(await head()).toBeNull();
  await desk.visit(`/live?s=${SERIES}`);
  await desk.ready();
  const last = candles[candles.length - 1] as (typeof candles)[number];
  await expect(desk.chart).toHaveAttribute("data-last-time", String(last.candle_time));
  expect(await head()).toBe(last.candle_time);
  await desk.drawn();
  await desk.rest();
  const box = await plotBox(desk.chart);
  const shown = await picture(page, box);
  const background = shown.at(1, 1);
  expect(shown.width * shown.height - shown.count(background)).toBeGreaterThan(2_000);

  const next = after(last, last.close + 5);
  await close(server.url, SERIES, next);
  await expect(desk.chart).toHaveAttribute("data-last-time", String(next.candle_time));
  await desk.drawn();
  expect((await picture(page, box)).differs(shown).length).toBeGreaterThan(0);
});
