import { describe, expect, it } from "vitest";
import { act, PaperAccount, type PaperAction, type PaperBar, type PaperCommand, type PaperSetup } from "./engine";
import type { NewOrder } from "./model";

const FREE: PaperSetup = { cash: 10_000, feePercent: 0 };

const bar = (time: number, open: number, high: number, low: number, close: number): PaperBar => ({
  time,
  open,
  high,
  low,
  close,
});
const order = (text: Partial<NewOrder> & Pick<NewOrder, "side">): NewOrder => ({
  kind: text.price === undefined ? "market" : "limit",
  quantity: 1,
  price: null,
  stop: null,
  target: null,
  ...text,
});
const place = (text: Partial<NewOrder> & Pick<NewOrder, "side">): PaperCommand => ({
  kind: "place",
  order: order(text),
});

/** An account that has seen one quiet bar at 100. */
function started(setup = FREE): PaperAccount {
  const account = new PaperAccount(setup);
  account.advance([bar(0, 100, 100, 100, 100)]);
  return account;
}

function played(commands: readonly PaperCommand[], bars: readonly PaperBar[], setup = FREE) {
  const account = started(setup);
  for (const command of commands) account.act(command);
  account.advance(bars);
  return account.state();
}

const reasons = (state: { fills: readonly { reason: string; price: number }[] }) =>
  state.fills.map(({ reason, price }) => `${reason} ${price}`);

describe("market orders", () => {
  it("fill at the open of the next bar, not before", () => {
    const account = started();
    const placed = account.act(place({ side: "buy", quantity: 2 }));
    expect(placed).toMatchObject({ id: 1, at: 0 });
    expect(account.state()).toMatchObject({ position: null, fills: [], orders: [{ id: 1, placedAt: 0 }] });
    account.advance([bar(60, 103, 105, 99, 104)]);
    const { position, orders, fills, cash, equity } = account.state();
    expect(orders).toEqual([]);
    expect(fills).toEqual([{ time: 60, price: 103, quantity: 2, side: "buy", orderId: 1, fee: 0, reason: "market" }]);
    expect(position).toMatchObject({ side: "long", quantity: 2, entryPrice: 103, entryTime: 60, unrealised: 2 });
    expect([cash, equity]).toEqual([10_000 - 206, 10_002]);
  });

  it("are taken back by cancel", () => {
    const state = played([place({ side: "buy" }), { kind: "cancel", orderId: 1 }], [bar(60, 103, 105, 99, 104)]);
    expect(state).toMatchObject({ position: null, fills: [], orders: [], cash: 10_000 });
  });
});

describe("limit orders", () => {
  it.each([
    ["the range does not reach it", "buy", 95, bar(60, 100, 101, 96, 100), []],
    ["the range touches it", "buy", 95, bar(60, 100, 101, 95, 100), ["limit 95"]],
    ["the bar opens better", "buy", 95, bar(60, 93, 101, 90, 100), ["limit 93"]],
    ["a sell is not reached", "sell", 105, bar(60, 100, 104, 96, 100), []],
    ["a sell is reached", "sell", 105, bar(60, 100, 106, 96, 100), ["limit 105"]],
    ["a sell opens better", "sell", 105, bar(60, 107, 108, 96, 100), ["limit 107"]],
  ] as const)("when %s", (_, side, price, next, fills) => {
    expect(reasons(played([place({ side, price })], [next]))).toEqual(fills);
  });

  it("wait until they are reached, and follow their new price", () => {
    const account = started();
    account.act(place({ side: "buy", price: 90 }));
    account.advance([bar(60, 100, 101, 95, 100)]);
    account.act({ kind: "move", what: "order", orderId: 1, price: 97 });
    expect(account.state()).toMatchObject({ fills: [], orders: [{ id: 1, price: 97 }] });
    account.advance([bar(120, 100, 101, 96, 100)]);
    expect(reasons(account.state())).toEqual(["limit 97"]);
  });
});

describe("stop orders", () => {
  it.each([
    ["the range does not reach it", "buy", 105, bar(60, 100, 104, 96, 100), []],
    ["the range touches it", "buy", 105, bar(60, 100, 105, 96, 100), ["stop 105"]],
    ["the bar opens worse", "buy", 105, bar(60, 108, 109, 96, 100), ["stop 108"]],
    ["a sell is reached", "sell", 95, bar(60, 100, 104, 94, 100), ["stop 95"]],
    ["a sell opens worse", "sell", 95, bar(60, 92, 104, 90, 100), ["stop 92"]],
  ] as const)("when %s", (_, side, price, next, fills) => {
    expect(reasons(played([place({ side, kind: "stop", price })], [next]))).toEqual(fills);
  });
});

describe("stop and target of a position", () => {
  const bracket = { stop: 95, target: 110 };

  it("the target ends it at the better of target and open", () => {
    const buy = place({ side: "buy", ...bracket });
    const quiet = bar(60, 100, 101, 99, 100);
    expect(reasons(played([buy], [quiet, bar(120, 100, 110, 96, 100)]))).toEqual(["market 100", "target 110"]);
    expect(reasons(played([buy], [quiet, bar(120, 112, 113, 96, 100)]))).toEqual(["market 100", "target 112"]);
  });

  it("the stop ends it at the worse of stop and open", () => {
    const sell = place({ side: "sell", stop: 105, target: 90 });
    const quiet = bar(60, 100, 101, 99, 100);
    expect(reasons(played([sell], [quiet, bar(120, 100, 105, 96, 100)]))).toEqual(["market 100", "bracket_stop 105"]);
    expect(reasons(played([sell], [quiet, bar(120, 107, 109, 96, 100)]))).toEqual(["market 100", "bracket_stop 107"]);
  });

  it("both in one bar: the stop counts, also in the bar in which a market order opened it", () => {
    const state = played([place({ side: "buy", ...bracket })], [bar(60, 100, 120, 90, 100)]);
    expect(reasons(state)).toEqual(["market 100", "bracket_stop 95"]);
    expect(state.trades).toMatchObject([{ entryTime: 60, exitTime: 60, bars: 0, result: -5 }]);
    expect(state.position).toBeNull();
  });

  it("in the bar in which a limit opened it, the target cannot fill", () => {
    const buy = place({ side: "buy", price: 98, ...bracket });
    const state = played([buy], [bar(60, 100, 115, 97, 100)]);
    expect(reasons(state)).toEqual(["limit 98"]);
    expect(state.position).toMatchObject({ stop: 95, target: 110 });
    const next = played([buy], [bar(60, 100, 115, 97, 100), bar(120, 100, 111, 99, 100)]);
    expect(reasons(next)).toEqual(["limit 98", "target 110"]);
  });

  it("in the bar in which a limit opened it, the stop can fill", () => {
    const state = played([place({ side: "buy", price: 98, ...bracket })], [bar(60, 100, 115, 94, 100)]);
    expect(reasons(state)).toEqual(["limit 98", "bracket_stop 95"]);
  });

  it("a stop that came alive inside of the bar knows nothing of the open before it", () => {
    const buy = place({ side: "buy", kind: "stop", price: 105, stop: 103 });
    expect(reasons(played([buy], [bar(60, 100, 106, 99, 104)]))).toEqual(["stop 105", "bracket_stop 103"]);
    const gap = place({ side: "buy", price: 98, stop: 97 });
    expect(reasons(played([gap], [bar(60, 95, 96, 94, 95)]))).toEqual(["limit 95", "bracket_stop 95"]);
  });

  it("can be moved and taken away", () => {
    const account = started();
    account.act(place({ side: "buy", ...bracket }));
    account.advance([bar(60, 100, 101, 99, 100)]);
    account.act({ kind: "move", what: "stop", price: 98 });
    account.act({ kind: "move", what: "target", price: null });
    expect(account.state().position).toMatchObject({ stop: 98, target: null });
    account.advance([bar(120, 100, 130, 99, 100), bar(180, 100, 101, 98, 100)]);
    expect(reasons(account.state())).toEqual(["market 100", "bracket_stop 98"]);
  });

  it("go with the position: the next one has its own or none", () => {
    const account = started();
    account.act(place({ side: "buy", ...bracket }));
    account.advance([bar(60, 100, 101, 99, 100)]);
    account.act({ kind: "closeAll" });
    account.act(place({ side: "buy" }));
    account.advance([bar(120, 100, 101, 99, 100)]);
    expect(account.state().position).toMatchObject({ stop: null, target: null, entryTime: 120 });
  });
});

describe("net position", () => {
  it("averages what is added and keeps the bracket that is not replaced", () => {
    const account = started();
    account.act(place({ side: "buy", quantity: 1, stop: 90, target: 200 }));
    account.advance([bar(60, 100, 100, 100, 100)]);
    account.act(place({ side: "buy", quantity: 3, stop: 95 }));
    account.advance([bar(120, 108, 108, 108, 108)]);
    expect(account.state().position).toMatchObject({
      quantity: 4,
      entryPrice: 106,
      entryTime: 60,
      stop: 95,
      target: 200,
      unrealised: 8,
    });
    expect(account.state().trades).toEqual([]);
  });

  it("a smaller order against it closes a part, with its share of the fees", () => {
    const account = started({ cash: 10_000, feePercent: 1 });
    account.act(place({ side: "buy", quantity: 4, stop: 50 }));
    account.advance([bar(60, 100, 100, 100, 100)]);
    account.act(place({ side: "sell", quantity: 1 }));
    account.advance([bar(120, 110, 110, 110, 110)]);
    const { position, trades, cash, equity } = account.state();
    expect(position).toMatchObject({ side: "long", quantity: 3, entryPrice: 100, stop: 50, fees: 3 });
    expect(trades).toHaveLength(1);
    expect(trades[0]).toMatchObject({ side: "long", quantity: 1, exitPrice: 110, bars: 1 });
    expect(trades[0]?.fees).toBeCloseTo(1 + 1.1, 10);
    expect(trades[0]?.result).toBeCloseTo(10 - 2.1, 10);
    expect(trades[0]?.resultPercent).toBeCloseTo(7.9, 10);
    expect(cash).toBeCloseTo(10_000 - 400 - 4 + 110 - 1.1, 10);
    expect(equity).toBeCloseTo(cash + 330, 10);
  });

  it("a larger one turns it round and brings its own bracket", () => {
    const account = started({ cash: 10_000, feePercent: 1 });
    account.act(place({ side: "buy", quantity: 1, stop: 50 }));
    account.advance([bar(60, 100, 100, 100, 100)]);
    account.act(place({ side: "sell", quantity: 4, target: 40 }));
    account.advance([bar(120, 120, 120, 120, 120)]);
    const { position, trades } = account.state();
    expect(position).toMatchObject({
      side: "short",
      quantity: 3,
      entryPrice: 120,
      entryTime: 120,
      stop: null,
      target: 40,
    });
    expect(position?.fees).toBeCloseTo(3.6, 10);
    expect(trades).toHaveLength(1);
    expect(trades[0]?.fees).toBeCloseTo(1 + 1.2, 10);
  });

  it("leaves no rest of rounding behind", () => {
    const buys = [0.1, 0.2].map((quantity) => place({ side: "buy", quantity }));
    const account = started();
    for (const command of [...buys, place({ side: "sell", quantity: 0.3 })]) account.act(command);
    account.advance([bar(60, 100, 100, 100, 100)]);
    expect(account.state().position).toBeNull();
  });
});

describe("order of events in one bar", () => {
  it("closes at the open before a waiting order fills", () => {
    const account = started();
    account.act(place({ side: "buy" }));
    account.advance([bar(60, 100, 100, 100, 100)]);
    account.act(place({ side: "sell", price: 105, quantity: 2 }));
    account.act({ kind: "closeAll" });
    expect(account.state().closing).toBe(3);
    account.advance([bar(120, 101, 106, 99, 100)]);
    expect(reasons(account.state()).slice(1)).toEqual(["close 101", "limit 105"]);
    expect(account.state()).toMatchObject({ closing: null, position: { side: "short", quantity: 2 } });
  });

  it("market orders and closing happen in the order in which they were given", () => {
    const first = [place({ side: "buy" }), { kind: "closeAll" }, place({ side: "sell" })] as const;
    const state = played(first, [bar(60, 100, 100, 100, 100)]);
    expect(state.fills.map(({ reason, side }) => `${reason} ${side}`)).toEqual([
      "market buy",
      "close sell",
      "market sell",
    ]);
    expect(state.position?.side).toBe("short");
  });

  it("waiting orders fill as they were placed, not by price", () => {
    const orders = [97, 99, 98].map((price) => place({ side: "buy", price }));
    expect(reasons(played(orders, [bar(60, 100, 101, 96, 100)]))).toEqual(["limit 97", "limit 99", "limit 98"]);
  });

  it("the stop of the position comes before a waiting order against it", () => {
    const commands = [place({ side: "buy", stop: 95 }), place({ side: "sell", price: 105 })];
    const state = played(commands, [bar(60, 100, 106, 94, 100)]);
    expect(reasons(state)).toEqual(["market 100", "bracket_stop 95", "limit 105"]);
  });

  it("a wish to close can be taken back, and closing nothing does nothing", () => {
    const account = started();
    account.act({ kind: "closeAll" });
    account.act(place({ side: "buy" }));
    account.advance([bar(60, 100, 100, 100, 100)]);
    expect(account.state()).toMatchObject({ closing: null, position: { side: "long" } });
    account.act({ kind: "closeAll" });
    account.act({ kind: "cancel", orderId: 3 });
    account.advance([bar(120, 100, 100, 100, 100)]);
    expect(account.state().fills).toHaveLength(1);
  });
});

describe("statistics", () => {
  it("count wins, the costliest run of losses and the deepest fall", () => {
    const account = started();
    const exits = [110, 95, 90, 120, 70, 100];
    let time = 60;
    for (const exit of exits) {
      account.act(place({ side: "buy" }));
      account.advance([bar(time, 100, 100, 100, 100)]);
      account.act({ kind: "closeAll" });
      account.advance([bar(time + 60, exit, exit, exit, exit)]);
      time += 120;
    }
    const { statistics, trades } = account.state();
    expect(trades.map(({ result }) => result)).toEqual([10, -5, -10, 20, -30, 0]);
    expect(statistics).toMatchObject({
      trades: 6,
      wins: 2,
      sum: -15,
      worstRun: { trades: 1, sum: -30 },
      maxDrawdown: 30,
    });
    expect(statistics.winRate).toBeCloseTo(33.333, 3);
    expect(statistics.maxDrawdownPercent).toBeCloseTo((30 / 10_015) * 100, 10);
  });

  it("have no win rate without trades", () => {
    expect(started().state().statistics).toMatchObject({ trades: 0, winRate: null, worstRun: { trades: 0, sum: 0 } });
  });
});

describe("acting", () => {
  it("numbers actions and drops those of later bars", () => {
    const buy = place({ side: "buy" });
    let actions: readonly PaperAction[] = [];
    for (const at of [60, 120, 180]) actions = act(actions, buy, at);
    expect(actions.map(({ id, at }) => [id, at])).toEqual([
      [1, 60],
      [2, 120],
      [3, 180],
    ]);
    const { id, at } = act(actions, buy, 120).at(-1) ?? {};
    expect([id, at]).toEqual([3, 120]);
    expect(act(actions, buy, 30).map((action) => [action.id, action.at])).toEqual([[1, 30]]);
  });

  it("is refused before the first bar", () => {
    expect(new PaperAccount(FREE).act({ kind: "closeAll" })).toBeNull();
  });

  it("after a step back forgets what came later; without it, it happens again", () => {
    const bars = [60, 120, 180].map((time) => bar(time, 100, 100, 100, 100));
    const account = started();
    account.advance(bars.slice(0, 1));
    account.act(place({ side: "buy" }));
    account.advance(bars.slice(1));
    expect(account.state().fills).toHaveLength(1);
    account.rewind(0);
    expect(account.state()).toMatchObject({ time: 0, fills: [], orders: [] });
    account.advance(bars);
    expect(account.state().fills).toHaveLength(1);
    account.rewind(0);
    account.act({ kind: "closeAll" });
    account.advance(bars);
    expect(account.state().fills).toEqual([]);
    expect(account.actions).toHaveLength(1);
  });
});

describe("another setup", () => {
  it("counts from the beginning, and what lies ahead stays", () => {
    const bars = [60, 120].map((time) => bar(time, 100, 100, 100, 100));
    const account = started();
    account.act(place({ side: "buy" }));
    account.advance(bars);
    account.act({ kind: "closeAll" });
    account.rewind(60);
    account.change({ cash: 500, feePercent: 1 });
    expect(account.setup).toEqual({ cash: 500, feePercent: 1 });
    expect(account.state()).toMatchObject({ time: 60, cash: 399, equity: 499, fills: [{ fee: 1 }] });
    account.advance([...bars, bar(180, 100, 100, 100, 100)]);
    expect(account.state()).toMatchObject({ position: null, cash: 498 });
  });
});

describe("the end of a session", () => {
  it("closes at the last close, with a fee, and leaves the account itself alone", () => {
    const account = started({ cash: 10_000, feePercent: 1 });
    account.act(place({ side: "buy" }));
    account.advance([bar(60, 100, 112, 99, 110)]);
    account.act(place({ side: "sell", price: 150 }));
    const settled = account.settled();
    expect(settled).toMatchObject({ position: null, orders: [] });
    expect(settled.fills.at(-1)).toMatchObject({ time: 60, price: 110, reason: "close", orderId: null });
    expect(settled.equity).toBeCloseTo(10_000 + 10 - 1 - 1.1, 10);
    expect(account.state()).toMatchObject({ position: { side: "long" }, orders: [{ price: 150 }] });
  });
});
