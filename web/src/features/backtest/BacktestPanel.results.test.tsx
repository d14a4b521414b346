// @vitest-environment jsdom

import { act } from "react";
import { describe, expect, it } from "vitest";
import type { ApiClient } from "../../api/client";
import { backtestForm } from "./form/form";
import {
  api,
  change,
  click,
  DONE,
  one,
  press,
  SERIES,
  show,
  spies,
  TRADES,
  text,
  type,
  until,
  withPanel,
  world,
} from "./panel-world";
import { response, result, run } from "./testing";

withPanel();

describe("results", () => {
  it("begin with what was asked, the badge, warnings and the six figures", async () => {
    await show({ run: "r1" });
    expect(one("[data-bias]").dataset.bias).toBe("unchecked");
    expect(text('[data-warning="funding_data_missing"]')).toContain("Funding data is missing");
    expect(one('[data-metric="profit_total"]').dataset.value).toBe("0.015");
    expect(text('[data-metric="profit_total"]')).toContain("+1.50%");
    expect(text('[data-metric="profit_total"]')).toContain("buy and hold −1.00%");
    expect(text('[data-metric="sharpe"]')).toContain("n/a");
    expect(text('[data-metric="sharpe"]')).toContain("closed tradeswallet +0.40");
    expect(text('[data-metric="winrate"]')).toContain("1 won, 1 lost");
    expect(text('[data-metric="total_trades"]')).toContain("1 long, 1 short");
    expect(text('[data-testid="backtest-equity"]')).toContain("Buy and hold is not shown");
  });

  it("tell the fall of holding beside that of the run, where its candles are stored", async () => {
    const outline = async () => ({ times: [600, 3_000, 6_000], closes: [100, 80, 90] });
    await show({ run: "r1", api: { backtest: api, replay: { outline } } as unknown as ApiClient });
    await until(() => expect(text('[data-metric="max_drawdown_account"]')).toContain("buy and hold 20.00%"));
    expect(text('[data-testid="backtest-equity"]')).not.toContain("Buy and hold is not shown");
  });

  it("a check of the signals is followed to what it found, also on a page that did not begin it", async () => {
    await show({ run: "r1" });
    await click('[data-cmd="backtest.checkBias"]');
    await until(() => expect(one("[data-bias]").dataset.bias).toBe("checking"));
    change("r1", { stage: "checking", percent: 40 });
    await until(() => expect(text("[data-bias]")).toContain("Computing the signals again on cut data · 40%"));
    change("r1", { stage: null, percent: null, bias: { checked: 100, changed: 0, rows: [] } });
    await until(() => expect(text("[data-bias]")).toBe("Signals unchanged on cut data: 100 of 100 samples"));
  });

  it("a check is called off as a run is, and the run stays what it was", async () => {
    change("r1", { stage: "bias" });
    await show({ run: "r1" });
    await click('[data-cmd="backtest.cancelCheck"]');
    await until(() => expect(one("[data-bias]").dataset.bias).toBe("unchecked"));
    expect(one('li[data-key="r1"]').dataset.state).toBe("done");
  });

  it("a check that found nothing out says why, and can be begun again", async () => {
    change("r1", { error: "the ledger is behind" });
    await show({ run: "r1" });
    expect(text("[data-bias]")).toContain("Bias not checked: the ledger is behind");
    expect(one('[data-cmd="backtest.checkBias"]')).toBeTruthy();
  });

  it("trades are filtered, chosen for the chart by click and key, and stepped through from the entry", async () => {
    await show({ run: "r1", trade: 0 });
    const list = '[data-testid="backtest-trades"]';
    expect(one(`${list} [role=listbox]`).dataset.rows).toBe("2");
    expect(one(`${list} [data-key="0"]`).getAttribute("aria-selected")).toBe("true");
    press(one(`${list} [role=listbox]`), "ArrowDown");
    expect(spies.onTrade.mock.lastCall).toEqual([SERIES, 1, { at: expect.any(Number), bars: 60 }]);
    act(() => world.slot.getState().step?.(1));
    expect(spies.onTrade).toHaveBeenCalledTimes(2);
    act(() => world.slot.getState().offers.replay?.());
    expect(spies.onReplay).toHaveBeenCalledExactlyOnceWith(SERIES, 1_200);
    act(() => world.slot.setState({ unstored: SERIES }));
    expect(text('[data-testid="backtest-chosen"]')).toContain("its candles are not stored");
    expect(world.node.querySelector('[data-cmd="backtest.replay"]')).toBeNull();
    type(`${list} input[type=search]`, "stop");
    expect(one(`${list} [role=listbox]`).dataset.rows).toBe("1");
    expect(text('[data-testid="backtest-totals"]')).toContain("−5.00");
  });

  it("two runs stand side by side with what they were asked differently and whose trades", async () => {
    const other = {
      ...DONE,
      id: "r0",
      params: { max_candles: 9 },
      timerange: "20240518-",
      response: response({ result: result({ trades: TRADES.slice(0, 1), metrics: { profit_total: 0.02 } }) }),
    };
    world.stored = [DONE, other];
    await show({ run: "r1" });
    await click('li[data-key="r1"] [data-cmd="backtest.tick"]');
    await click('li[data-key="r0"] [data-cmd="backtest.tick"]');
    await click('[data-cmd="backtest.compare"]');
    await until(() => expect(one('[data-testid="backtest-compare"]').dataset.rows).toBe("2"));
    expect(text('[data-testid="backtest-compare"] tr[data-key="max_candles"]')).toContain("9");
    expect(text('[data-testid="backtest-compare"] tr[data-key="timerange"]')).toContain("since 2024-05-18");
    expect(text('[data-testid="backtest-compare"] [data-metric="profit_total"]')).toContain("(+0.50%)");
    expect(text('[data-testid="backtest-compare"] [data-metric="max_drawdown_account"]')).toMatch(
      /closed trades.*n\/a \(The engine does not tell it\.\)/,
    );
    expect(text('[data-testid="backtest-trade-difference"]')).toContain("1 trade in both");
    expect(text('[data-testid="backtest-trade-difference"]')).toContain("only in A: 1");
  });

  it("a sweep shows every cell, and a click takes its parameters into the form", async () => {
    const points = [0, 10].map((max_candles) => ({
      params: { max_candles },
      metrics: { profit_total: max_candles / 100 },
    }));
    world.stored = [run({ kind: "sweep", points })];
    await show({ run: "r1" });
    const cells = [...world.node.querySelectorAll<HTMLElement>('[data-testid="backtest-sweep"] [data-at]')];
    expect(cells.map(({ textContent }) => textContent)).toEqual(["0.00%", "+10.00%"]);
    act(() => cells[1]?.click());
    expect(backtestForm.getState().params.PenDirection?.max_candles).toEqual({ value: "10" });
  });
});

describe("everything", () => {
  it("every button has a name and a command", async () => {
    await show({ run: "r1", trade: 0 });
    const buttons = [...world.node.querySelectorAll<HTMLButtonElement>("button:not([role=switch])")];
    expect(buttons.filter((button) => !(button.ariaLabel ?? button.textContent))).toEqual([]);
    expect(buttons.filter((button) => !button.dataset.cmd).map(({ textContent }) => textContent)).toEqual([]);
  });
});
