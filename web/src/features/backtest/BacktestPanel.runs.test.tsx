// @vitest-environment jsdom

import { act } from "react";
import { describe, expect, it, vi } from "vitest";
import { toasts } from "../../ui/feedback/toasts";
import { backtestForm } from "./form/form";
import { api, change, click, DONE, one, refusal, settle, show, text, until, withPanel, world } from "./panel-world";
import { UNDO_MS } from "./runs/actions";
import { response, run } from "./testing";

withPanel();

describe("runs", () => {
  it("a started run is opened and listed with its state, and cancelled", async () => {
    backtestForm.setState({ strategy: "PenDirection" });
    await show();
    await click('[data-cmd="backtest.run"]');
    await until(() => expect(one('li[data-key="r2"]').dataset.state).toBe("queued"));
    expect(text('[data-testid="backtest-run"]')).toContain("Another run goes first.");
    await click('li[data-key="r2"] [data-cmd="backtest.cancel"]');
    await until(() => expect(one('li[data-key="r2"]').dataset.state).toBe("cancelled"));
  });

  it("the list is read once, and again when what runs has ended", async () => {
    world.stored = [
      run({ id: "r9", state: "running", response: null, percent: 10, params: { max_candles: 30 } }),
      DONE,
    ];
    await show();
    change("r9", { percent: 55 });
    await until(() => expect(text('li[data-key="r9"]')).toContain("55%"));
    expect([world.lists, text('li[data-key="r9"]')]).toEqual([1, expect.stringContaining("max_candles = 30")]);
    change("r9", { state: "done", response: response() });
    await until(() => expect(one('li[data-key="r9"]').dataset.state).toBe("done"));
    await settle();
    expect(world.lists).toBe(2);
  });

  it("older runs come on demand", { timeout: 20_000 }, async () => {
    world.stored = Array.from({ length: 53 }, (_, at) => run({ id: `o${at}` }));
    await show();
    const rows = () => world.node.querySelectorAll('[data-testid="backtest-runs"] li[data-key]').length;
    expect(rows()).toBe(50);
    await click('[data-cmd="backtest.older"]');
    await until(() => expect(rows()).toBe(53));
    expect(world.node.querySelector('[data-cmd="backtest.older"]')).toBeNull();
  });

  it("missing history names files, command and the timeframes that there are", async () => {
    world.refuse = refusal(422, "backtest.history_missing", {
      ...{
        pair: "BTC/USDT:USDT",
        timeframe: "5m",
        available_timeframes: ["1h"],
        download_data_cmd: "freqtrade download-data",
      },
      expected_paths: ["/data/BTC_USDT-5m.feather"],
    });
    backtestForm.setState({ strategy: "PenDirection" });
    await show();
    await click('[data-cmd="backtest.run"]');
    const card = text('[data-testid="backtest-refused"]');
    for (const part of ["BTC/USDT:USDT", "/data/BTC_USDT-5m.feather", "freqtrade download-data"])
      expect(card).toContain(part);
    world.refuse = null;
    await click('[data-cmd="backtest.timeframe.1h"]');
    expect(world.orders.map(({ timeframe }) => timeframe)).toEqual(["5m", "1h"]);
    expect(one<HTMLSelectElement>('[data-field="timeframe"] select').value).toBe("1h");
    await act(async () => world.slot.getState().run?.());
    await settle();
    expect(world.orders.map(({ timeframe }) => timeframe)).toEqual(["5m", "1h", "1h"]);
    await click('[data-cmd="backtest.follow"]');
    expect(one<HTMLSelectElement>('[data-field="timeframe"] select').value).toBe("5m");
    expect(world.node.querySelector('[data-cmd="backtest.follow"]')).toBeNull();
    expect(world.node.querySelector('[data-testid="backtest-refused"]')).toBeNull();
  });

  it("a full queue names what runs", async () => {
    world.stored = [
      run({ id: "r3", state: "queued", strategy: "Waiting", response: null }),
      run({ id: "r0", state: "running", strategy: "Slow", response: null }),
      DONE,
    ];
    world.refuse = refusal(429, "backtest.busy");
    backtestForm.setState({ strategy: "PenDirection" });
    await show();
    await click('[data-cmd="backtest.run"]');
    expect(text('[data-error-code="backtest.busy"]')).toContain("Slow on BTC/USDT 5m is running");
  });

  it("an end without a result is an error, with the output at hand", async () => {
    world.stored = [
      run({ response: response({ resultError: "freqtrade wrote no result", stderr: "Configuration error" }) }),
    ];
    await show({ run: "r1" });
    expect(text('[data-testid="backtest-no-result"]')).toContain("freqtrade wrote no result");
    expect(one<HTMLTextAreaElement>('[data-testid="backtest-raw"] textarea').value).toContain("Configuration error");
  });

  it("a deleted run is gone at once and back when that is undone", async () => {
    await show();
    await click('[data-cmd="backtest.delete"]');
    expect(world.node.querySelector('li[data-key="r1"]')).toBeNull();
    act(() => toasts.getState().list[0]?.action?.run());
    expect(one('li[data-key="r1"]')).toBeTruthy();
    expect([UNDO_MS > 1_000, vi.mocked(api.remove).mock.calls.length]).toEqual([true, 0]);
  });
});
