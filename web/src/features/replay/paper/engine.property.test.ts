import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { act, PaperAccount, type PaperAction, type PaperBar, type PaperCommand, type PaperState } from "./engine";
import type { NewOrder } from "./model";

const SETUP = { cash: 10_000, feePercent: 0.05 };

/** Neighbouring prices and many touches: the corners of the rules come up often. */
const price = fc.integer({ min: 90, max: 110 });
const maybePrice = fc.option(price, { nil: null });

const bars: fc.Arbitrary<readonly PaperBar[]> = fc
  .array(fc.record({ prices: fc.tuple(price, price, price, price), step: fc.integer({ min: 1, max: 3 }) }), {
    minLength: 1,
    maxLength: 40,
  })
  .map((list) => {
    let time = 0;
    return list.map(({ prices, step }) => {
      time += step * 60;
      const [open, close] = prices;
      return { time, open, high: Math.max(...prices), low: Math.min(...prices), close };
    });
  });

const newOrder: fc.Arbitrary<NewOrder> = fc
  .record({
    side: fc.constantFrom("buy" as const, "sell" as const),
    kind: fc.constantFrom("market" as const, "limit" as const, "stop" as const),
    quantity: fc.integer({ min: 1, max: 50 }).map((tenths) => tenths / 10),
    price,
    stop: maybePrice,
    target: maybePrice,
  })
  .map((order) => ({ ...order, price: order.kind === "market" ? null : order.price }));

const orderId = fc.integer({ min: 1, max: 12 });
const command: fc.Arbitrary<PaperCommand> = fc.oneof(
  { weight: 5, arbitrary: newOrder.map((order) => ({ kind: "place" as const, order })) },
  { weight: 1, arbitrary: orderId.map((id) => ({ kind: "cancel" as const, orderId: id })) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("move" as const), what: fc.constant("order" as const), orderId, price }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("move" as const),
      what: fc.constantFrom("stop" as const, "target" as const),
      price: maybePrice,
    }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: "closeAll" as const }) },
);

interface Story {
  readonly bars: readonly PaperBar[];
  readonly actions: readonly PaperAction[];
}

const story: fc.Arbitrary<Story> = bars.chain((list) =>
  fc.array(fc.tuple(command, fc.nat(list.length - 1)), { maxLength: 25 }).map((acts) => {
    const sorted = [...acts].sort((a, b) => a[1] - b[1]);
    const actions = sorted.reduce<readonly PaperAction[]>(
      (done, [what, at]) => act(done, what, list[at]?.time ?? 0),
      [],
    );
    return { bars: list, actions };
  }),
);

function told({ bars: list, actions }: Story): PaperAccount {
  const account = new PaperAccount(SETUP, actions);
  account.advance(list);
  return account;
}

const signed = (side: string, quantity: number) => (side === "buy" || side === "long" ? quantity : -quantity);

describe("every story of an account", () => {
  it("forward k, back j, forward j is forward k", () => {
    fc.assert(
      fc.property(story, fc.nat(), fc.nat(), (tale, k, j) => {
        const forward = tale.bars.slice(0, 1 + (k % tale.bars.length));
        const straight = told({ ...tale, bars: forward }).state();
        const account = told({ ...tale, bars: forward });
        const back = forward[j % forward.length]?.time ?? 0;
        account.rewind(back);
        expect(account.time).toBe(back);
        account.advance(forward);
        expect(account.state()).toEqual(straight);
      }),
    );
  });

  it("stepping back is exactly what was: nothing later is known", () => {
    fc.assert(
      fc.property(story, fc.nat(), (tale, j) => {
        const time = tale.bars[j % tale.bars.length]?.time ?? 0;
        const then = told({
          bars: tale.bars.filter((bar) => bar.time <= time),
          actions: tale.actions.filter(({ at }) => at <= time),
        }).state();
        const account = told(tale);
        const end = account.state();
        expect(account.stateAt(time)).toEqual(then);
        expect(account.state()).toBe(end);
        account.rewind(time);
        expect(account.state()).toEqual(then);
      }),
    );
  });

  it("acting bar by bar is the same as the fold of all that was done", () => {
    fc.assert(
      fc.property(story, (tale) => {
        const account = new PaperAccount(SETUP);
        for (const bar of tale.bars) {
          account.advance([bar]);
          for (const { id: _, at, ...rest } of tale.actions) {
            if (at === bar.time) account.act(rest as PaperCommand);
          }
        }
        expect(account.actions).toEqual(tale.actions);
        expect(account.state()).toEqual(told(tale).state());
      }),
    );
  });

  it("the books balance", () => {
    fc.assert(
      fc.property(story, (tale) => {
        const { fills, trades, position, cash, equity, last } = told(tale).state();
        const net = fills.reduce((sum, { side, quantity }) => sum + signed(side, quantity), 0);
        expect(position ? signed(position.side, position.quantity) : 0).toBeCloseTo(net, 7);
        const spent = fills.reduce((sum, fill) => sum + signed(fill.side, fill.quantity) * fill.price + fill.fee, 0);
        expect(cash).toBeCloseTo(SETUP.cash - spent, 5);
        expect(equity).toBeCloseTo(cash + net * (last ?? 0), 5);
        const won = trades.reduce((sum, { result }) => sum + result, 0);
        const open = position ? position.unrealised - position.fees : 0;
        expect(equity).toBeCloseTo(SETUP.cash + won + open, 5);
        const fees = fills.reduce((sum, { fee }) => sum + fee, 0);
        const known = trades.reduce((sum, trade) => sum + trade.fees, position?.fees ?? 0);
        expect(known).toBeCloseTo(fees, 7);
      }),
    );
  });

  it("fills lie inside of their bar, after the action, and orders fill once", () => {
    fc.assert(
      fc.property(story, (tale) => {
        const { fills, orders } = told(tale).state();
        const placed = new Map(tale.actions.map((action) => [action.id, action.at]));
        for (const { time, price: at, orderId: id } of fills) {
          const bar = tale.bars.find((candidate) => candidate.time === time);
          expect(at).toBeGreaterThanOrEqual(bar?.low ?? Number.NaN);
          expect(at).toBeLessThanOrEqual(bar?.high ?? Number.NaN);
          if (id !== null) expect(time).toBeGreaterThan(placed.get(id) ?? Number.NaN);
        }
        const ids = [...fills.flatMap(({ orderId: id }) => id ?? []), ...orders.map(({ id }) => id)];
        expect(new Set(ids).size).toBe(ids.length);
      }),
    );
  });

  it("no position outlives a bar that reached its stop", () => {
    fc.assert(
      fc.property(story, (tale) => {
        const quiet = tale.actions.filter(({ kind }) => kind !== "move");
        const account = new PaperAccount(SETUP, quiet);
        for (const bar of tale.bars) {
          account.advance([bar]);
          const { position } = account.state();
          if (position?.stop == null) continue;
          if (position.side === "long") expect(bar.low).toBeGreaterThan(position.stop);
          else expect(bar.high).toBeLessThan(position.stop);
        }
      }),
    );
  });

  it("statistics are those of the trades and of the equity at closes", () => {
    fc.assert(
      fc.property(story, (tale) => {
        const account = new PaperAccount(SETUP, tale.actions);
        let peak = SETUP.cash;
        let fall = 0;
        for (const bar of tale.bars) {
          account.advance([bar]);
          const { equity } = account.state();
          peak = Math.max(peak, equity);
          fall = Math.max(fall, peak - equity);
        }
        const { trades, statistics } = account.state();
        expect(statistics.maxDrawdown).toBeCloseTo(fall, 9);
        expect(statistics).toMatchObject({ trades: trades.length, ...counted(trades) });
      }),
    );
  });
});

function counted(trades: PaperState["trades"]) {
  let worst = { trades: 0, sum: 0 };
  for (let from = 0; from < trades.length; from += 1) {
    let run = { trades: 0, sum: 0 };
    if ((trades[from - 1]?.result ?? 0) < 0) continue;
    for (const { result } of trades.slice(from)) {
      if (result >= 0) break;
      run = { trades: run.trades + 1, sum: run.sum + result };
      if (run.sum < worst.sum) worst = run;
    }
  }
  return { wins: trades.filter(({ result }) => result > 0).length, worstRun: worst };
}
