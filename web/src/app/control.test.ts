import { beforeEach, describe, expect, it, vi } from "vitest";
import { createStore } from "zustand/vanilla";
import { createBacktestSlot } from "../features/backtest/slot";
import type { ReplayController } from "../features/replay/controller";
import type { PaperDesk } from "../features/replay/paper/desk";
import { createReplaySlot } from "../features/replay/slot";
import { createControl } from "./control";
import { closeDialog, layers } from "./dialogs";
import { layout } from "./layout";

function controlAt(search: string) {
  let path = "/live";
  let current = search;
  const entries: string[] = [];
  let pushed = 0;
  const go = (href: string) => {
    entries.push(href);
    path = href.slice(0, href.indexOf("?"));
    current = href.slice(href.indexOf("?"));
  };
  const push = (href: string) => {
    pushed += 1;
    go(href);
  };
  const replay = createReplaySlot();
  const backtest = createBacktestSlot();
  const control = createControl(
    { path: () => path, search: () => current, push, replace: go },
    { chart: createStore(() => null), host: createStore(() => ({ current: null })), replay, backtest },
  );
  return { replay, backtest, control, entries, pushed: () => pushed, search: () => current, path: () => path };
}

const SERIES = "?s=binance:futures:BTC/USDT:1m";

describe("modes", () => {
  beforeEach(() => {
    layout.reset();
    vi.stubGlobal("innerWidth", 1_600);
  });

  it("a replay opens its tab, and live comes back with the one that was open", () => {
    const { control, search, path } = controlAt(SERIES);
    control.setTab("log");
    control.push({ s: "binance:futures:BTC/USDT:1m", t: 600 }, "replay");
    expect([path(), search(), control.tab()]).toEqual(["/replay", `${SERIES}&t=600`, "replay"]);
    control.setTab(null);
    expect(control.tab()).toBeNull();
    control.leaveReplay();
    expect([path(), search(), control.tab()]).toEqual(["/live", SERIES, "log"]);
  });

  it("an open paper position is asked about before the replay is left", () => {
    const { control, replay, path } = controlAt(SERIES);
    control.push({ s: "binance:futures:BTC/USDT:1m", t: 600 }, "replay");
    const desk = (position: unknown) => ({ state: () => ({ position }) }) as unknown as PaperDesk;
    replay.setState({ paper: desk({ side: "long" }) });
    control.leaveReplay();
    expect([path(), layers.getState().dialog]).toEqual(["/replay", { name: "leave" }]);
    closeDialog();
    control.leaveReplay({ asked: true });
    expect(path()).toBe("/live");
    control.push({ s: "binance:futures:BTC/USDT:1m", t: 600 }, "replay");
    replay.setState({ paper: desk(null) });
    control.leaveReplay();
    expect([path(), layers.getState().dialog]).toEqual(["/live", null]);
  });

  it("an open paper position is asked about before another market is replayed, not before another timeframe", () => {
    const { control, replay, search } = controlAt(SERIES);
    control.push({ s: "binance:futures:BTC/USDT:1m", t: 600 }, "replay");
    const market = "binance:futures:BTC/USDT";
    replay.setState({ paper: { market, state: () => ({ position: {} }) } as unknown as PaperDesk });
    control.openTimeframe("5m");
    expect([search(), layers.getState().dialog]).toEqual(["?s=binance:futures:BTC/USDT:5m&t=600&c=1m", null]);
    control.openSeries("binance:spot:ETH/USDT:5m");
    expect(layers.getState().dialog).toEqual({ name: "leave", series: "binance:spot:ETH/USDT:5m" });
    expect(search()).toContain("BTC");
    closeDialog();
    control.openSeries("binance:spot:ETH/USDT:5m", { asked: true });
    expect(search()).toBe("?s=binance:spot:ETH/USDT:5m&t=600&c=1m");
  });

  it("backtests open their tab on the chart as it is, and leave it so", () => {
    const { control, search, path } = controlAt(`${SERIES}&t=600&n=80`);
    control.setTab("log");
    control.openBacktest();
    expect([path(), search(), control.tab()]).toEqual(["/backtest", `${SERIES}&t=600&n=80`, "backtest"]);
    control.leaveBacktest();
    expect([path(), search(), control.tab()]).toEqual(["/live", `${SERIES}&t=600&n=80`, "log"]);
  });

  it("from a replay with an open position the way to the backtests is asked about as well", () => {
    const { control, replay, path } = controlAt(SERIES);
    control.push({ s: "binance:futures:BTC/USDT:1m", t: 600 }, "replay");
    replay.setState({ paper: { state: () => ({ position: {} }) } as unknown as PaperDesk });
    control.openBacktest();
    expect([path(), layers.getState().dialog]).toEqual(["/replay", { name: "leave", to: "backtest" }]);
    closeDialog();
    control.leaveReplay({ asked: true, to: "backtest" });
    expect(path()).toBe("/backtest");
  });

  it("the open run comes back from live, and from a replay with the place of its trade", () => {
    const { control, backtest, search, path } = controlAt(`${SERIES}&t=600&n=80`);
    const left = () => backtest.setState({ left: control.view() });
    control.openBacktest();
    control.openRun("r1", ["r2"]);
    left();
    control.leaveBacktest();
    expect(search()).toBe(`${SERIES}&t=600&n=80`);
    control.openBacktest();
    expect([path(), search()]).toEqual(["/backtest", `${SERIES}&t=600&n=80&run=r1&cmp=r2`]);
    control.openRun("r1");
    control.openTrade(7, { series: "binance:futures:BTC/USDT:1m", at: 9_000, bars: 60 });
    left();
    control.startReplay("binance:futures:BTC/USDT:1m", 8_000);
    control.openBacktest();
    expect([path(), search()]).toEqual(["/backtest", `${SERIES}&t=9000&n=60&run=r1&trade=7`]);
    control.startReplay("binance:spot:ETH/USDT:1h", 8_000);
    control.openBacktest();
    expect(search()).toBe("?s=binance:spot:ETH/USDT:1h&run=r1&trade=7");
  });

  it("a run, a comparison and a trade are in the address; the series may change under them", () => {
    const { control, search } = controlAt(SERIES);
    control.openBacktest();
    control.openRun("r1");
    control.openTrade(7, { series: "binance:spot:ETH/USDT:1h", at: 9_000, bars: 60 });
    expect(search()).toBe("?s=binance:spot:ETH/USDT:1h&t=9000&n=60&run=r1&trade=7");
    control.openSeries("binance:spot:ETH/USDT:4h");
    expect(search()).toBe("?s=binance:spot:ETH/USDT:4h&run=r1&trade=7");
    control.openRun("r1", ["r2", "r3"]);
    expect(search()).toBe("?s=binance:spot:ETH/USDT:4h&run=r1&cmp=r2,r3");
    control.openRun("r2");
    expect(search()).toBe("?s=binance:spot:ETH/USDT:4h&run=r2");
    control.openRun(null);
    expect(search()).toBe("?s=binance:spot:ETH/USDT:4h");
  });

  it("a trade of the address is gone to without another entry in the history", () => {
    const { control, search, pushed } = controlAt(SERIES);
    control.push({ s: "binance:spot:ETH/USDT:1h", run: "r1", trade: 7 }, "backtest");
    control.placeTrade({ at: 9_000, bars: 60 });
    expect([search(), pushed()]).toEqual(["?s=binance:spot:ETH/USDT:1h&t=9000&n=60&run=r1&trade=7", 1]);
  });

  it("another series is replayed up to what this one knows", () => {
    const { control, search, path } = controlAt(SERIES);
    control.push({ s: "binance:futures:BTC/USDT:1m", t: 600 }, "replay");
    control.openTimeframe("5m");
    expect([path(), search()]).toEqual(["/replay", "?s=binance:futures:BTC/USDT:5m&t=600&c=1m"]);
    control.openSeries("binance:spot:ETH/USDT:5m");
    expect(search()).toBe("?s=binance:spot:ETH/USDT:5m&t=600&c=1m");
  });

  it("where the address is behind a replay, the replay counts, and Back comes to where it stood", () => {
    const { control, replay, entries } = controlAt(SERIES);
    const series = "binance:futures:BTC/USDT:1m";
    control.push({ s: series, t: 600 }, "replay");
    const standing = () => ({ time: 780, timeframe: "1m" });
    replay.setState({ controller: { seriesId: series, standing } as unknown as ReplayController });
    control.openTimeframe("1h");
    expect(entries.slice(-2)).toEqual([
      "/replay?s=binance:futures:BTC/USDT:1m&t=780&c=1m",
      "/replay?s=binance:futures:BTC/USDT:1h&t=780&c=1m",
    ]);
  });

  it("over the chart the tab of a replay stays closed", () => {
    vi.stubGlobal("innerWidth", 820);
    const { control } = controlAt(SERIES);
    control.push({ s: "binance:futures:BTC/USDT:1m", t: 600 }, "replay");
    expect(control.tab()).toBeNull();
  });
});

describe("docks", () => {
  beforeEach(() => {
    layout.reset();
    vi.stubGlobal("innerWidth", 1_600);
  });

  it("the bottom dock opens on request and stays open over a change of the series", () => {
    const { control, search } = controlAt(SERIES);
    expect(control.tab()).toBeNull();
    control.setTab("log");
    expect(search()).toBe(`${SERIES}&d=log`);
    control.openTimeframe("5m");
    expect(search()).toBe("?s=binance:futures:BTC/USDT:5m&d=log");
    control.setTab(null);
    expect(control.tab()).toBeNull();
  });

  it("both fold together and come back as they were", () => {
    const { control } = controlAt(SERIES);
    control.setPanel("inspector");
    control.setTab("log");
    control.foldAll();
    expect([control.panel(), control.tab()]).toEqual([null, null]);
    control.foldAll();
    expect([control.panel(), control.tab()]).toEqual(["inspector", "log"]);
  });

  it("with nothing to bring back the last panel opens", () => {
    const { control } = controlAt(`${SERIES}&p=none`);
    control.foldAll();
    expect([control.panel(), control.tab()]).toEqual(["factors", null]);
  });

  it("where docks float, one closes the other", () => {
    vi.stubGlobal("innerWidth", 820);
    const { control } = controlAt(SERIES);
    control.setPanel("factors");
    control.setTab("log");
    expect([control.panel(), control.tab()]).toEqual([null, "log"]);
    control.setPanel("factors");
    expect([control.panel(), control.tab()]).toEqual(["factors", null]);
  });
});
