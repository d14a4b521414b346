// @vitest-environment jsdom

import { act } from "react";
import { describe, expect, it } from "vitest";
import { backtestForm } from "./form/form";
import { click, freqtrade, one, press, settle, show, text, type, until, withPanel, world } from "./panel-world";

withPanel();

describe("the form", () => {
  it("offers the engines that are set up, and takes pair and timeframe from the chart", async () => {
    await show();
    expect(one('[data-panel="backtest"]').dataset).toMatchObject({ state: "ready", rows: "1" });
    expect(
      [...world.node.querySelectorAll<HTMLInputElement>('[data-field="engine"] input')].map(({ value }) => value),
    ).toEqual(["native"]);
    expect(one<HTMLInputElement>('[data-field="pair"] input').value).toBe("BTC/USDT");
    expect(one<HTMLSelectElement>('[data-field="timeframe"] select').value).toBe("5m");
    expect(one<HTMLButtonElement>('[data-cmd="backtest.run"]').disabled).toBe(true);
    expect(world.slot.getState().run).toBeNull();
  });

  it("an engine that is set up wrongly says why, one without a list of strategies as well", async () => {
    world.offers = [
      { name: "native", problem: null },
      freqtrade({ isSetUp: true, code: "backtest.config_not_found", message: "There is no file config.json." }),
    ];
    await show();
    expect(text("[data-engine-problem=freqtrade]")).toContain("check FREQTRADE_CONFIG");
    world.offers = [freqtrade(null)];
    await act(async () => void (await world.queries.invalidateQueries()));
    await settle();
    await until(() => expect(one('[data-error-code="backtest.list_strategies_failed"]')).toBeTruthy());
    expect(world.node.querySelector("[data-engine-problem]")).toBeNull();
    world.offers = [];
    await act(async () => void (await world.queries.invalidateQueries()));
    await settle();
    await until(() => expect(world.node.textContent).toContain("No engine is set up"));
  });

  it("a strategy is found by typing, its parameters have ranges, and what is wrong is said beside them", async () => {
    await show();
    press(type('[data-field="strategy"] input', "pen"), "Enter");
    expect(one<HTMLInputElement>('[data-field="strategy"] input').value).toBe("PenDirection");
    expect(text('[data-field="param.max_candles"] label')).toBe("Longest pen (0 to 500)");
    const field = type('[data-field="param.max_candles"] input', "501");
    expect(field.getAttribute("aria-invalid")).toBe("true");
    expect(text('[data-field="param.max_candles"] [role=alert]')).toBe("This must lie between 0 and 500.");
    expect(one<HTMLButtonElement>('[data-cmd="backtest.run"]').disabled).toBe(true);
    type('[data-field="param.max_candles"] input', "20");
    await act(async () => world.slot.getState().run?.());
    await settle();
    expect(world.orders).toMatchObject([
      { engine: "native", strategy: "PenDirection", params: { max_candles: 20 }, grid: {} },
    ]);
  });

  it("several values of a parameter make a sweep", async () => {
    backtestForm.setState({ strategy: "PenDirection" });
    await show();
    await click('[data-cmd="backtest.vary.max_candles"]');
    expect(text('[data-cmd="backtest.run"]')).toContain("Run 11 combinations");
    type('[data-field="param.max_candles"] [data-part="step"]', "100");
    await click('[data-cmd="backtest.run"]');
    expect(world.orders[0]?.grid).toEqual({ max_candles: { from: 0, to: 500, step: 100 } });
  });
});
