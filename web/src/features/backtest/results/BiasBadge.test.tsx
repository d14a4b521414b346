// @vitest-environment jsdom
import { act } from "react";
import { createRoot } from "react-dom/client";
import { expect, it, vi } from "vitest";
import type { BacktestRun } from "../../../api/backtest-types";
import { run } from "../testing";
import { BiasBadge } from "./BiasBadge";

/** The badge of a whole run that was read before its check, beside what the list knows of it. */
function shown(standing: Partial<BacktestRun>, engine: BacktestRun["engine"] = "native"): HTMLElement {
  (globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }).IS_REACT_ACT_ENVIRONMENT = true;
  const node = document.createElement("div");
  const whole = run({ engine, timerange: "20260101-" });
  const root = createRoot(node);
  act(() =>
    root.render(
      <BiasBadge
        run={whole}
        standing={{ ...whole, ...standing }}
        formatTime={String}
        onCheck={vi.fn()}
        onCancel={vi.fn()}
      />,
    ),
  );
  return node;
}

const badge = (node: HTMLElement) => node.querySelector<HTMLElement>("[data-bias]")?.dataset.bias;

it("a check that ended is told at once, before the whole run is read again", () => {
  const node = shown({ bias: { checked: 100, changed: 0, rows: [] } });
  expect([badge(node), node.querySelector("[data-cmd]")]).toEqual(["clean", null]);
  const failed = shown({ error: "the ledger is behind" });
  expect([badge(failed), failed.textContent]).toEqual(["unchecked", expect.stringContaining("the ledger is behind")]);
});

it("a run of freqtrade says how its signals are checked, and offers no check of this program", () => {
  const node = shown({}, "freqtrade");
  expect(badge(node)).toBe("unchecked");
  expect(node.querySelector("code")?.textContent).toBe(
    "freqtrade lookahead-analysis --strategy PenDirection --pairs BTC/USDT --timeframe 5m --timerange=20260101-",
  );
  expect(node.querySelector('[data-cmd="backtest.checkBias"]')).toBeNull();
});
