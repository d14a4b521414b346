import { describe, expect, test } from "vitest";
import { parseMarketMessage } from "./messages";

const series_id = "binance:futures:BTC/USDT:1m";
const candle = { candle_time: 60, open: 1, high: 2, low: 0.5, close: 1.5, volume: 3 };
const parse = (value: unknown) => parseMarketMessage(JSON.stringify(value));

describe("frames of the contract", () => {
  test.each([
    { type: "candle_closed", series_id, candle },
    { type: "candle_forming", series_id, candle },
    { type: "candles_batch", series_id, candles: [candle] },
    { type: "gap", series_id, expected_next_time: 60, actual_time: 180 },
    { type: "system", series_id, event: "factor.rebuild", message: "folded again", data: { series_id } },
    { type: "draw_head", series_id, to_candle_time: 60, version_id: 60, epoch: 0 },
    { type: "error", code: "capacity", message: "subscription_limit", series_id },
    { type: "error", code: "bad_request", message: "missing series_id" },
  ])("$type is read as it is", (message) => {
    expect(parse(message)).toEqual(message);
  });
});

describe("frames that are left out", () => {
  test.each(["", "{", "[]", "null", "7"])("%s", (text) => {
    expect(parseMarketMessage(text)).toBeNull();
  });

  test("unknown types", () => {
    expect(parse({ type: "weather", series_id })).toBeNull();
  });

  test("candles without six finite numbers", () => {
    expect(parse({ type: "candle_closed", series_id, candle: { ...candle, high: null } })).toBeNull();
    expect(parse({ type: "candle_closed", series_id, candle: { ...candle, candle_time: 1.5 } })).toBeNull();
  });

  test("a batch keeps what is whole", () => {
    const batch = { type: "candles_batch", series_id, candles: [{ ...candle, volume: "3" }, candle] };
    expect(parse(batch)).toEqual({ type: "candles_batch", series_id, candles: [candle] });
  });
});
