// @vitest-environment jsdom
import { beforeEach, describe, expect, it, vi } from "vitest";
import { type NewOrder, PaperAccount, STANDARD_SETUP } from "./engine";
import {
  keepSession,
  MOST_SESSIONS,
  type PaperSession,
  paperSessions,
  sessionCsv,
  sessionFileName,
  sessionOf,
} from "./session";
import { readSessions } from "./session-parse";

const SERIES = "binance:futures:BTC/USDT:5m";
const START = Date.UTC(2026, 2, 2, 14, 5) / 1_000;
const order: NewOrder = { side: "buy", kind: "market", quantity: 0.5, price: null, stop: 90, target: null };

/** Two trades: one closed by hand, one that its stop ended; every kind of action. */
function lived(): { account: PaperAccount; session: (id: string) => PaperSession } {
  const account = new PaperAccount(STANDARD_SETUP);
  const step = (at: number, price: number) =>
    account.advance([{ time: START + at * 300, open: price, high: price, low: price, close: price }]);
  step(0, 100);
  account.act({ kind: "place", order });
  account.act({ kind: "place", order: { ...order, kind: "limit", price: 50 } });
  step(1, 100);
  account.act({ kind: "move", what: "order", orderId: 2, price: 55 });
  account.act({ kind: "closeAll" });
  step(2, 110);
  account.act({ kind: "cancel", orderId: 2 });
  account.act({ kind: "place", order });
  step(3, 100);
  account.act({ kind: "move", what: "stop", price: 95 });
  account.act({ kind: "move", what: "target", price: null });
  step(4, 80);
  const about = { series: SERIES, startedAtMs: 1_700_000_000_000, setup: STANDARD_SETUP, from: START };
  const to = () => account.now ?? START;
  return { account, session: (id) => sessionOf({ id, to: to(), ...about }, account.actions, account.state()) };
}

describe("sessions in the browser", () => {
  beforeEach(() => {
    localStorage.clear();
    paperSessions.reset();
  });

  it("come back whole after a reload", async () => {
    const session = lived().session("a");
    expect(session).toMatchObject({ to: START + 1_200, trades: [{ bars: 1 }, { bars: 1 }] });
    expect(session.result).toBeCloseTo(5 - 10 - session.trades.reduce((sum, { fees }) => sum + fees, 0), 9);
    keepSession(session);
    vi.resetModules();
    const again = await import("./session");
    expect(again.paperSessions.getState().sessions).toEqual([session]);
  });

  it("give the same account when they are played again", () => {
    const { account, session } = lived();
    const bars = [100, 100, 110, 100, 80].map((price, at) => ({
      time: START + at * 300,
      open: price,
      high: price,
      low: price,
      close: price,
    }));
    const { setup, actions } = session("a");
    const again = new PaperAccount(setup, actions);
    again.advance(bars);
    expect(again.state()).toEqual(account.state());
  });

  it("are the newest twenty, each once, the one at hand first", () => {
    const { session } = lived();
    for (let n = 1; n <= MOST_SESSIONS + 3; n += 1) keepSession(session(`s${n}`));
    keepSession(session("s10"));
    const ids = paperSessions.getState().sessions.map(({ id }) => id);
    expect(ids).toHaveLength(MOST_SESSIONS);
    expect(ids.slice(0, 3)).toEqual(["s10", "s23", "s22"]);
    expect(new Set(ids).size).toBe(MOST_SESSIONS);
    expect(ids).not.toContain("s3");
  });

  it("make room for the newest when they are large", () => {
    const session = lived().session("large");
    const trades = Array.from({ length: 5_000 }, () => session.trades).flat();
    keepSession(lived().session("old"));
    keepSession({ ...session, trades });
    expect(paperSessions.getState().sessions.map(({ id }) => id)).toEqual(["large"]);
    keepSession(lived().session("new"));
    expect(paperSessions.getState().sessions.map(({ id }) => id)).toEqual(["new"]);
  });

  it("are forgotten when all that was done was taken back", () => {
    const { account, session } = lived();
    keepSession(session("a"));
    account.rewind(START - 1);
    keepSession(session("a"));
    expect(paperSessions.getState().sessions).toEqual([]);
  });

  it("leave out what lies ahead after a step back", () => {
    const { account, session } = lived();
    account.rewind(START + 300);
    expect(session("a")).toMatchObject({ to: START + 300, trades: [], fills: [{ reason: "market" }] });
    expect(session("a").actions).toHaveLength(4);
  });

  it("that are not whole are left out, and nothing else", () => {
    const whole = JSON.parse(JSON.stringify(lived().session("a"))) as Record<string, unknown>;
    const broken = [
      { ...whole, id: 7 },
      { ...whole, setup: { cash: "much", feePercent: 0 } },
      { ...whole, actions: [{ kind: "place", id: 1, at: 2, order: { ...order, side: "hold" } }] },
      { ...whole, actions: [{ kind: "sleep", id: 1, at: 2 }] },
      { ...whole, trades: [{}] },
      { ...whole, fills: undefined },
      { ...whole, result: null },
      null,
    ];
    expect(readSessions({ sessions: [whole] })).toEqual([whole]);
    expect(readSessions({ sessions: [...broken, whole] })).toEqual([whole]);
    expect(readSessions({ sessions: broken })).toEqual([]);
    expect(readSessions([])).toEqual([]);
  });
});

describe("export", () => {
  it("is a table with one record per line", () => {
    const csv = sessionCsv(lived().session("a"));
    expect(csv.split("\r\n")).toEqual([
      "record,time,side,quantity,price,fee,reason,order_id,entry_time,entry_price,result,result_percent,bars",
      "fill,2026-03-02T14:10:00Z,buy,0.5,100,0.025,market,1,,,,,",
      "fill,2026-03-02T14:15:00Z,sell,0.5,110,0.0275,close,4,,,,,",
      "fill,2026-03-02T14:20:00Z,buy,0.5,100,0.025,market,6,,,,,",
      "fill,2026-03-02T14:25:00Z,sell,0.5,80,0.02,bracket_stop,,,,,,",
      "trade,2026-03-02T14:15:00Z,long,0.5,110,0.0525,,,2026-03-02T14:10:00Z,100,4.9475,9.895,1",
      "trade,2026-03-02T14:25:00Z,long,0.5,80,0.045,,,2026-03-02T14:20:00Z,100,-10.045,-20.09,1",
      "",
    ]);
  });

  it("writes plain numbers, also very small and very large ones", () => {
    const [fill] = lived().session("a").fills;
    if (!fill) throw new Error("no fill");
    const tiny = { ...fill, quantity: 1e-8, price: 123_456_789_012, fee: -1e-12 };
    expect(sessionCsv({ fills: [tiny], trades: [] })).toContain(",0.00000001,123456789012,0,");
  });

  it("has a name that every file system takes", () => {
    expect(sessionFileName(lived().session("a"))).toBe("paper_binance_futures_BTC-USDT_5m_20260302-1405.csv");
  });
});
