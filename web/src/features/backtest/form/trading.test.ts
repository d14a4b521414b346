import { describe, expect, it } from "vitest";
import type { Trading } from "../../../api/backtest-types";
import {
  checkTrading,
  isOn,
  readTradingTexts,
  TRADING,
  type TradingTexts,
  tradingFields,
  tradingLine,
  tradingTexts,
} from "./trading";

const DEFAULTS: Trading = {
  ...{
    dry_run_wallet: 1_000,
    stake_amount: "unlimited",
    max_open_trades: 3,
    tradable_balance_ratio: 0.99,
    fee: 0.0005,
  },
  ...{ leverage: 1, stoploss: -0.1, minimal_roi: {}, trailing_stop: false, trailing_stop_positive_offset: 0 },
  ...{ trailing_only_offset_is_reached: false, use_exit_signal: true, exit_profit_only: false, exit_profit_offset: 0 },
  ignore_roi_if_entry_signal: false,
};
const kinds = (texts: TradingTexts, defaults = DEFAULTS) =>
  [...checkTrading(texts, defaults).problems].map(([name, { kind }]) => [name, kind]);

describe("what is traded with", () => {
  it("is what was typed, and nothing where nothing was", () => {
    expect(checkTrading({}, DEFAULTS)).toEqual({ trading: {}, problems: new Map() });
    const texts: TradingTexts = {
      ...{ dry_run_wallet: " 5000 ", stake_amount: "Unlimited", max_open_trades: "-1", fee: "", leverage: "3" },
      ...{ minimal_roi: "0: 0.05, 030 : -1", use_exit_signal: "false" },
    };
    const { trading, problems } = checkTrading({ ...texts, stake_amount: "100" }, DEFAULTS);
    expect([...problems]).toEqual([]);
    expect(trading).toEqual({
      ...{ dry_run_wallet: 5_000, stake_amount: 100, max_open_trades: -1, leverage: 3 },
      ...{ minimal_roi: { "0": 0.05, "30": -1 }, use_exit_signal: false },
    });
    expect(checkTrading(texts, DEFAULTS).trading.stake_amount).toBe("unlimited");
    expect(checkTrading({ minimal_roi: "none" }, { ...DEFAULTS, minimal_roi: { "0": 1 } }).trading).toEqual({
      minimal_roi: {},
    });
  });

  it("is refused field by field", () => {
    for (const [name, texts] of [
      ["dry_run_wallet", ["0", "x"]],
      ["stake_amount", ["0", "all", "-5"]],
      ["max_open_trades", ["1.5"]],
      ["tradable_balance_ratio", ["0", "1.01"]],
      ["fee", ["-0.1", "1"]],
      ["leverage", ["0.5"]],
      ["stoploss", ["0", "0.1", "-1.1"]],
      ["minimal_roi", ["0.05", "0: x", "-5: 0.1", "0: 0.1: 2", "0: 0.1,"]],
    ] as const) {
      for (const text of texts) expect([text, kinds({ [name]: text })]).toEqual([text, [[name, "trading"]]]);
    }
  });

  it("values that contradict each other are refused where they are typed", () => {
    expect(kinds({ stake_amount: "991" })).toEqual([["stake_amount", "trading.wallet"]]);
    expect(kinds({ dry_run_wallet: "50" }, { ...DEFAULTS, stake_amount: 100 })).toEqual([
      ["stake_amount", "trading.wallet"],
    ]);
    expect(kinds({ fee: "0" }, { ...DEFAULTS, stake_amount: 5_000 })).toEqual([]);
    const trailing: TradingTexts = { trailing_stop: "true", trailing_stop_positive: "0.02" };
    expect(kinds(trailing)).toEqual([]);
    const offset = [["trailing_stop_positive_offset", "trading.offset"]];
    expect(kinds({ ...trailing, trailing_stop_positive_offset: "0.02" })).toEqual(offset);
    expect(kinds({ ...trailing, trailing_stop_positive_offset: "0.03" })).toEqual([]);
    expect(kinds({ ...trailing, trailing_only_offset_is_reached: "true" })).toEqual(offset);
  });

  it("leaves out what does not count", () => {
    const { leverage: _leverage, ...spot } = DEFAULTS;
    expect(checkTrading({ leverage: "3", trailing_stop_positive: "9", exit_profit_offset: "1" }, spot)).toEqual({
      trading: {},
      problems: new Map(),
    });
    expect(tradingFields({}, spot)).not.toContain("leverage");
    expect(tradingFields({}, DEFAULTS)).toContain("leverage");
    expect(tradingFields({ exit_profit_only: "true" }, DEFAULTS)).toContain("exit_profit_offset");
    expect(tradingFields({ exit_profit_only: "true", use_exit_signal: "false" }, DEFAULTS)).not.toContain(
      "exit_profit_offset",
    );
    expect([
      isOn({}, DEFAULTS, "use_exit_signal"),
      isOn({ use_exit_signal: "false" }, DEFAULTS, "use_exit_signal"),
    ]).toEqual([true, false]);
  });

  it("of a run comes back into the form as it was", () => {
    const given: Trading = {
      ...{
        dry_run_wallet: 5_000,
        stake_amount: "unlimited",
        leverage: 2.5,
        stoploss: -0.3,
        minimal_roi: { "0": 0.05 },
      },
      ...{ trailing_stop: true, trailing_stop_positive: 0.01, use_exit_signal: false },
    };
    const texts = tradingTexts({ ...given, other: 1 });
    expect(checkTrading(texts, DEFAULTS).trading).toEqual(given);
    expect(readTradingTexts(JSON.parse(JSON.stringify({ ...texts, other: "1", fee: 3 })))).toEqual(texts);
    expect(readTradingTexts(null)).toEqual({});
    expect(Object.keys(tradingTexts(DEFAULTS))).toHaveLength(TRADING.length - 1);
  });

  it("is told in a line", () => {
    expect(tradingLine({ leverage: 3, stake_amount: "unlimited", minimal_roi: { "0": 0.05, "30": 0.01 } })).toBe(
      "leverage = 3, stake_amount = unlimited, minimal_roi = {0: 0.05, 30: 0.01}",
    );
    expect(tradingLine({})).toBe("");
  });
});
