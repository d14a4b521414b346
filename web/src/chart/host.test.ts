// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { candleAt, candlesFrom } from "../../tests/candles";
import { FakeApi, penItem, pivotItem, srItem, zoneItems } from "../../tests/fake-api";
import { FakeLibrary } from "../../tests/fake-library";
import { FakeMarketSocket } from "../../tests/fake-socket";
import { testText } from "../../tests/text";
import { testTokens } from "../../tests/tokens";
import { ApiError } from "../api/error";
import { pastDrawings } from "../feed/past-drawings";
import { createChartHost } from "./host";
import type { ChartHost } from "./types";

const libraries: FakeLibrary[] = [];

vi.mock("lightweight-charts", async (original) => ({
  ...(await original<typeof import("lightweight-charts")>()),
  createChartEx: () => {
    const library = new FakeLibrary();
    libraries.push(library);
    return library.chart();
  },
}));

const btc = "binance:futures:BTC/USDT:1m";
const START = 1_700_000_040;
const hosts: ChartHost[] = [];

function setUp(api = new FakeApi()) {
  const container = document.createElement("div");
  document.body.append(container);
  const socket = new FakeMarketSocket();
  const clock = {
    nowMs: () => (START + 10 * 60 + 15) * 1000,
    speed: () => 1,
    demo: () => false,
    version: () => "",
    refresh: async () => {},
    onChange: () => () => {},
    stop: () => {},
  };
  const options = {
    tokens: testTokens,
    text: testText,
    locale: "en",
    timeZone: "UTC",
    palette: "standard" as const,
    density: "compact" as const,
    reducedMotion: true,
    defaultBars: 150,
  };
  const host = createChartHost(container, { chartId: "c1", api: api.asClient(), socket, clock, options });
  hosts.push(host);
  const library = libraries.at(-1) as FakeLibrary;
  const fact = (name: string) => container.getAttribute(`data-${name}`);
  /** Lets answers arrive and a frame pass, then paints. */
  const paint = async () => {
    await vi.advanceTimersByTimeAsync(16);
    await library.frame();
    await vi.advanceTimersByTimeAsync(0);
  };
  return { api, container, host, library, socket, fact, paint };
}

function stored(count = 10): FakeApi {
  const api = new FakeApi();
  api.candlesStored = candlesFrom(START, count);
  return api;
}

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  for (const host of hosts.splice(0)) host.destroy();
  vi.useRealTimers();
});

describe("opening a series", () => {
  test("is loading until candles were painted, then ready", async () => {
    const { host, fact, paint, library } = setUp(stored());
    host.open(btc);
    await vi.advanceTimersByTimeAsync(0);
    expect(host.state()).toMatchObject({ status: "loading", series: null, requested: btc });
    await paint();
    expect(host.state()).toMatchObject({ status: "ready", series: btc });
    expect(fact("series")).toBe(btc);
    expect(fact("candles")).toBe("10");
    expect(fact("first-time")).toBe(String(START));
    expect(fact("last-close")).toBe(String(candleAt(START + 540).close));
    expect(fact("follow")).toBe("true");
    expect(library.spacing).toBeCloseTo(1_000 / 162);
    expect(library.rightOffset).toBe(12);
  });

  test("draws after the candles, and counts instructions and pens", async () => {
    const api = stored();
    const line = [
      [START, 100],
      [START + 120, 105],
      [START + 300, 101],
    ] as const;
    api.drawing = [pivotItem(START + 60, 1), penItem(line, 1)];
    const { host, fact, paint } = setUp(api);
    host.open(btc);
    await paint();
    await paint();
    expect(fact("active")).toBe("2");
    expect(fact("count-pivot-major")).toBe("1");
    expect(fact("count-pen-confirmed")).toBe("1");
    expect(fact("count-pen-segments")).toBe("2");
    expect(fact("shown-pen-confirmed")).toBe("1");
    expect(fact("draw-status")).toBe("ok");
    expect(host.state().features["pen.confirmed"]).toEqual({ active: 1, shown: 1, inView: 2 });
    host.set({ visibility: { "pen.confirmed": false } });
    await paint();
    expect(fact("count-pen-confirmed")).toBe("1");
    expect(fact("shown-pen-confirmed")).toBe("0");
  });

  test("an empty series is empty, and fills by itself", async () => {
    const { host, api, fact, paint } = setUp();
    host.open(btc);
    await paint();
    expect(host.state().status).toBe("empty");
    api.candlesStored = candlesFrom(START, 3);
    await vi.advanceTimersByTimeAsync(2_000);
    await paint();
    expect(host.state().status).toBe("ready");
    expect(fact("candles")).toBe("3");
  });

  test("a failure is told with its request id and retried", async () => {
    const api = stored();
    api.candleFailures.push(new ApiError("down", { status: 503, code: "x.y", detail: "d", requestId: "r-9" }));
    const { host, paint } = setUp(api);
    host.open(btc);
    await vi.advanceTimersByTimeAsync(0);
    expect(host.state()).toMatchObject({ status: "error", failure: { code: "x.y", requestId: "r-9" } });
    await vi.advanceTimersByTimeAsync(2_000);
    await paint();
    expect(host.state().status).toBe("ready");
  });

  test("something that is not a series id is refused without a request", () => {
    const { host, api } = setUp();
    host.open("nonsense");
    expect(host.state()).toMatchObject({ status: "error", failure: { detail: "invalid_series_id" } });
    expect(api.candleQueries).toEqual([]);
  });
});

describe("switching", () => {
  test("keeps the old series on screen until the new page is there, without its drawing", async () => {
    const api = stored();
    api.drawing = [pivotItem(START + 60, 1)];
    const { host, container, fact, paint, library } = setUp(api);
    host.open(btc);
    await paint();
    await paint();
    host.open("binance:futures:ETH/USDT:1m");
    expect(container.classList.contains("tc-switching")).toBe(true);
    expect(fact("series")).toBe(btc);
    expect(library.candles.items).toHaveLength(10);
    await vi.advanceTimersByTimeAsync(0);
    expect(container.classList.contains("tc-switching")).toBe(false);
    expect(host.state().features["pivot.major"]?.active).toBe(0);
    await library.frame();
    expect(fact("series")).toBe("binance:futures:ETH/USDT:1m");
    await paint();
    expect(fact("count-pivot-major")).toBe("1");
  });

  test("of the timeframe keeps the right edge of a view that was panned away", async () => {
    const { host, api, library, paint } = setUp(stored(3_000));
    host.open(btc);
    await paint();
    library.rightOffset = -500;
    await paint();
    const edge = host.state().visible?.to;
    expect(host.state().follow).toBe(false);
    host.open("binance:futures:BTC/USDT:5m");
    expect(api.candleQueries.at(-1)).toMatchObject({ since: (edge ?? 0) - 300 });
  });
});

describe("streaming", () => {
  test("a forming bar is an update, not a new data set", async () => {
    const { host, socket, library, fact, paint } = setUp(stored());
    host.open(btc);
    await paint();
    const { setDataCalls } = library.candles;
    socket.say({ type: "candle_forming", series_id: btc, candle: { ...candleAt(START + 600), close: 104.5 } });
    await paint();
    expect(fact("forming-time")).toBe(String(START + 600));
    expect(fact("forming-close")).toBe("104.5");
    expect(host.state().last).toMatchObject({ forming: true, close: 104.5 });
    socket.say({ type: "candle_closed", series_id: btc, candle: candleAt(START + 600) });
    await paint();
    expect(fact("forming-time")).toBe("");
    expect(fact("last-time")).toBe(String(START + 600));
    expect(library.candles.setDataCalls).toBe(setDataCalls);
    expect(library.candles.items).toHaveLength(11);
  });

  test("a hole keeps its columns and is counted", async () => {
    const { host, socket, library, fact, paint } = setUp(stored());
    host.open(btc);
    await paint();
    socket.say({ type: "candle_closed", series_id: btc, candle: candleAt(START + 13 * 60) });
    await paint();
    expect(fact("gaps")).toBe("1");
    expect(fact("gap-bars")).toBe("3");
    expect(library.candles.items).toHaveLength(14);
  });

  test("a view that was panned away stays and counts the new bars", async () => {
    const { host, socket, library, paint } = setUp(stored(500));
    host.open(btc);
    await paint();
    library.rightOffset = -50;
    await paint();
    const before = host.state().visible;
    for (const step of [0, 1]) {
      socket.say({ type: "candle_closed", series_id: btc, candle: candleAt(START + (500 + step) * 60) });
    }
    await paint();
    expect(host.state()).toMatchObject({ follow: false, newBars: 2, visible: before });
    host.command("end");
    await paint();
    expect(host.state()).toMatchObject({ follow: true, newBars: 0 });
  });

  test("a lost connection makes the chart stale, then offline", async () => {
    const { host, socket, paint } = setUp(stored());
    host.open(btc);
    await paint();
    socket.become({ status: "reconnecting", downSinceMs: Date.now() });
    expect(host.state().status).toBe("ready");
    await vi.advanceTimersByTimeAsync(1_000);
    expect(host.state().status).toBe("stale");
    socket.become({ status: "offline" });
    expect(host.state().status).toBe("offline");
  });
});

describe("history", () => {
  test("older candles go before the view without moving it", async () => {
    const { host, library, fact, paint } = setUp(stored(5_000));
    host.open(btc);
    await paint();
    library.rightOffset = -1_700;
    await paint();
    const before = host.state().visible;
    expect(fact("candles")).toBe("2000");
    await paint();
    expect(fact("candles")).toBe("4000");
    expect(host.state().visible).toEqual(before);
    expect(fact("history")).toBe("more");
  });

  test("goTo loads the time that is not loaded", async () => {
    const { host, paint } = setUp(stored(9_000));
    host.open(btc);
    await paint();
    const time = START + 1_000 * 60;
    await host.goTo(time);
    await paint();
    const { visible, follow } = host.state();
    expect(visible?.from).toBeLessThan(time);
    expect(visible?.to).toBeGreaterThan(time);
    expect(follow).toBe(false);
    host.follow();
    await paint();
    expect(host.state()).toMatchObject({ follow: true, candles: { lastTime: START + 8_999 * 60 } });
  });
});

describe("reading", () => {
  test("the crosshair bar is in legend and state", async () => {
    const { host, container, library, paint } = setUp(stored());
    host.open(btc);
    await paint();
    library.moveCrosshair(3);
    expect(host.state().hover?.time).toBe(START + 180);
    const open = container.querySelector('[data-field="open"] .tc-legend-value');
    expect(open?.textContent).toBe(host.formats().price(candleAt(START + 180).open));
    library.moveCrosshair(null);
    expect(host.state().hover).toBeNull();
  });

  test("keys move the crosshair and speak the bar", async () => {
    const { host, container, paint } = setUp(stored());
    host.open(btc);
    await paint();
    host.command("crosshairLeft");
    host.command("crosshairLeft");
    await vi.advanceTimersByTimeAsync(300);
    expect(host.state().hover?.time).toBe(START + 480);
    expect(container.querySelector(".tc-speech")?.textContent).toContain("close");
  });

  test("the summary names the range, its extremes and the newest pens", async () => {
    const api = stored();
    api.drawing = [
      penItem(
        [
          [START, 100],
          [START + 120, 105],
          [START + 300, 101],
        ],
        1,
      ),
    ];
    const { host, paint } = setUp(api);
    host.open(btc);
    await paint();
    await paint();
    const summary = host.describe();
    expect(summary.bars).toHaveLength(10);
    expect(summary.lastClose?.time).toBe(START + 540);
    expect(summary.high?.price).toBe(Math.max(...api.candlesStored.map((candle) => candle.high)));
    expect(summary.pens[0]).toEqual({
      from: { time: START + 120, price: 105 },
      to: { time: START + 300, price: 101 },
      state: "confirmed",
    });
  });

  test("state is published at most four times a second", async () => {
    const { host, socket, paint } = setUp(stored());
    host.open(btc);
    await paint();
    await vi.advanceTimersByTimeAsync(1_000);
    let published = 0;
    host.subscribe(() => {
      published += 1;
    });
    for (let update = 0; update < 100; update += 1) {
      const candle = { ...candleAt(START + 600), volume: update + 1 };
      socket.say({ type: "candle_forming", series_id: btc, candle });
      await vi.advanceTimersByTimeAsync(10);
    }
    expect(published).toBeGreaterThan(2);
    expect(published).toBeLessThanOrEqual(6);
  });
});

test("a rebuild swaps candles and drawing together and is told once", async () => {
  const api = stored();
  const { host, socket, fact, paint } = setUp(api);
  const notices: unknown[] = [];
  host.onNotice((notice) => notices.push(notice));
  host.open(btc);
  await paint();
  await vi.advanceTimersByTimeAsync(1_000);
  api.candlesStored = api.candlesStored.map((candle) => ({ ...candle, close: candle.close + 0.5 }));
  api.drawing = [pivotItem(START + 120, 1)];
  socket.say({ type: "system", series_id: btc, event: "factor.rebuild", message: "", data: {} });
  await paint();
  expect(fact("last-close")).toBe(String(candleAt(START + 540).close + 0.5));
  expect(fact("count-pivot-major")).toBe("1");
  expect(notices).toEqual([{ kind: "rebuild", series: btc, epoch: null, from: START }]);
});

test("zone and language change texts and keep bars and view", async () => {
  const { host, library, fact, paint } = setUp(stored(500));
  host.open(btc);
  await paint();
  library.rightOffset = -50;
  await paint();
  const before = host.state().visible;
  host.set({ timeZone: "Asia/Shanghai" });
  host.set({ locale: "zh-CN", text: testText });
  await paint();
  expect(host.state().visible).toEqual(before);
  expect(fact("tz")).toBe("Asia/Shanghai");
  expect(host.state().zoneLabel).toBe("GMT+8");
  expect(host.formats().volume(12_000)).toBe("1.2万");
});

test("scales are chosen by command", async () => {
  const { host, fact, paint } = setUp(stored());
  host.open(btc);
  await paint();
  host.command("toggleLog");
  host.command("toggleInvert");
  await paint();
  expect(fact("price-scale")).toBe("log");
  expect(host.state().scale).toEqual({ mode: "log", inverted: true });
  host.command("toggleLog");
  expect(host.state().scale).toEqual({ mode: "linear", inverted: true });
});

describe("pointing and choosing", () => {
  /** A pen in view and a level above it, and where they lie on the screen. */
  async function drawn() {
    const api = stored(200);
    const [from, to] = [START + 190 * 60, START + 196 * 60];
    const pen = penItem(
      [
        [from, 100],
        [to, 160],
      ],
      1,
    );
    api.drawing = [pen, srItem("active", "resistance", 300, from, START + 199 * 60)];
    api.slices = { pen: {}, sr: { head: { levels: [] } } };
    const set = setUp(api);
    set.host.open(btc);
    await set.paint();
    await set.paint();
    const x = (slot: number) => 1_000 - (199 + 12 - slot + 0.5) * set.library.spacing - 1;
    const plot = set.container.querySelector(".tc-plot") as HTMLElement;
    plot.setPointerCapture = () => {};
    const send = (type: string, at: { x: number; y: number }, more: Partial<PointerEventInit> = {}) => {
      const init = { clientX: at.x, clientY: at.y, bubbles: true, isPrimary: true, pointerType: "mouse", ...more };
      plot.dispatchEvent(new FakePointer(type, init));
    };
    const tooltip = () => set.container.querySelector(".tc-tooltip") as HTMLElement;
    return { ...set, x, send, tooltip, onPen: { x: x(193), y: 500 - 130 } };
  }

  test("a thing under the mouse is explained after a moment, and not before", async () => {
    const { send, onPen, tooltip, api } = await drawn();
    send("pointermove", onPen);
    await vi.advanceTimersByTimeAsync(100);
    expect(tooltip().hidden).toBe(true);
    await vi.advanceTimersByTimeAsync(50);
    expect(tooltip().hidden).toBe(false);
    expect(tooltip().textContent).toContain("pen");
    await vi.advanceTimersByTimeAsync(1_000);
    expect(api.sliceQueries.map((query) => query.part)).toContain("all");
    send("pointermove", { x: onPen.x, y: 20 });
    expect(tooltip().hidden).toBe(true);
  });

  test("a click chooses it and asks for the inspector; Escape takes it back", async () => {
    const { host, send, onPen, fact, paint } = await drawn();
    const notices: unknown[] = [];
    host.onNotice((notice) => notices.push(notice));
    send("pointerdown", onPen);
    send("pointerup", onPen);
    expect(notices).toEqual([{ kind: "inspect" }]);
    expect(host.state().selected).toMatchObject({ kind: "object", id: "pen.confirmed", gone: false });
    await paint();
    expect(fact("selected")).toBe("pen.confirmed");
    host.command("escape");
    await paint();
    expect(host.state().selected).toBeNull();
    expect(fact("selected")).toBe("");
  });

  test("a drag chooses nothing; a click on a candle chooses the bar, one beside it nothing", async () => {
    const { host, send, x, onPen } = await drawn();
    send("pointerdown", onPen);
    send("pointerup", { x: onPen.x + 40, y: onPen.y });
    expect(host.state().selected).toBeNull();
    const bar = { x: x(150), y: 500 - candleAt(START + 150 * 60).close };
    send("pointerdown", bar);
    send("pointerup", bar);
    expect(host.state().selected).toEqual({ kind: "bar", time: START + 150 * 60 });
    send("pointerdown", { ...bar, y: 30 });
    send("pointerup", { ...bar, y: 30 });
    expect(host.state().selected).toBeNull();
  });

  test("keys go through the objects, newest first, and choose the bar of the crosshair", async () => {
    const { host, library } = await drawn();
    host.command("objectNext");
    const first = host.state().selected;
    host.command("objectNext");
    const second = host.state().selected;
    expect(new Set([first, second].map((selected) => selected?.kind === "object" && selected.id)).size).toBe(2);
    host.command("objectPrevious");
    expect(host.state().selected).toEqual(first);
    library.moveCrosshair(42);
    host.command("inspect");
    expect(host.state().selected).toEqual({ kind: "bar", time: START + 42 * 60 });
  });

  test("a thing that left the drawing is told as what it was", async () => {
    const { host, api, socket, send, onPen, paint } = await drawn();
    send("pointerdown", onPen);
    send("pointerup", onPen);
    expect(host.state().selected).toMatchObject({ gone: false });
    await vi.advanceTimersByTimeAsync(1_000);
    api.drawing = [];
    socket.say({ type: "draw_head", series_id: btc, to_candle_time: START, version_id: START, epoch: 0 });
    await paint();
    expect(host.state().selected).toMatchObject({ id: "pen.confirmed", gone: true, explanation: { kind: "pen" } });
  });

  test("another series forgets the choice", async () => {
    const { host, send, onPen, paint } = await drawn();
    send("pointerdown", onPen);
    send("pointerup", onPen);
    host.open("binance:futures:ETH/USDT:1m");
    await paint();
    expect(host.state().selected).toBeNull();
  });

  test("Shift and drag measures, a click ends it, and the pan is not told of it", async () => {
    const { container, send, x, host } = await drawn();
    const heard: string[] = [];
    container.querySelector(".tc-plot")?.addEventListener("pointerdown", () => heard.push("down"));
    send("pointerdown", { x: x(150), y: 400 }, { shiftKey: true });
    send("pointermove", { x: x(160), y: 350 }, { shiftKey: true, buttons: 1 });
    send("pointerup", { x: x(160), y: 350 }, { shiftKey: true });
    await vi.advanceTimersByTimeAsync(300);
    expect(heard).toEqual([]);
    expect(container.querySelector(".tc-speech")?.textContent).toBe("50, 10 bars");
    host.command("escape");
    host.command("escape");
    expect(host.state().selected).toBeNull();
  });
});

describe("the drawing of a moment", () => {
  async function holding() {
    const api = stored();
    api.drawing = [pivotItem(START + 60, START + 120), pivotItem(START + 300, START + 360)];
    api.slices = { pivot: {} };
    const set = setUp(api);
    set.host.open(btc);
    await set.paint();
    await set.paint();
    const past = pastDrawings(await api.frameAt({ series_id: btc, at_time: START + 200 }));
    if (!past) throw new Error("no candle");
    return { ...set, past };
  }

  test("is shown in place of that of now, whatever comes meanwhile, until its holder goes", async () => {
    const { api, host, fact, paint, past, socket } = await holding();
    expect([fact("active"), fact("draw-to")]).toEqual(["2", String(START + 540)]);
    const handle = host.attach({});
    handle.hold(past);
    await paint();
    expect([fact("active"), fact("draw-to")]).toEqual(["1", String(START + 180)]);
    api.candlesStored = candlesFrom(START, 11);
    api.drawing = [...api.drawing, pivotItem(START + 480, START + 600)];
    socket.say({ type: "candle_closed", series_id: btc, candle: candleAt(START + 600) });
    socket.say({ type: "draw_head", series_id: btc, to_candle_time: START + 600, version_id: START + 600, epoch: 0 });
    await vi.advanceTimersByTimeAsync(2_000);
    await paint();
    expect([fact("candles"), fact("active"), fact("draw-to")]).toEqual(["11", "1", String(START + 180)]);
    handle.detach();
    await paint();
    expect([fact("active"), fact("draw-to")]).toEqual(["3", String(START + 600)]);
  });

  test("belongs to its series alone", async () => {
    const { host, fact, paint, past } = await holding();
    host.attach({}).hold(past);
    host.open("binance:futures:ETH/USDT:1m");
    await paint();
    await paint();
    expect([fact("active"), fact("draw-to")]).toEqual(["2", String(START + 540)]);
    host.open(btc);
    await paint();
    await paint();
    expect([fact("active"), fact("draw-to")]).toEqual(["1", String(START + 180)]);
  });
});

describe("drawings and candles in step", () => {
  test("a drawing that is newer than the candles waits for its candle", async () => {
    const api = stored();
    const { host, socket, fact, paint } = setUp(api);
    host.open(btc);
    await paint();
    await vi.advanceTimersByTimeAsync(1_000);
    api.candlesStored.push(candleAt(START + 600));
    api.drawing = [pivotItem(START + 60, START + 600)];
    socket.say({ type: "draw_head", series_id: btc, to_candle_time: START + 600, version_id: START + 600, epoch: 0 });
    await paint();
    expect(fact("draw-to")).toBe(String(START + 540));
    expect(fact("count-pivot-major")).toBe("0");
    socket.say({ type: "candle_closed", series_id: btc, candle: candleAt(START + 600) });
    await paint();
    expect(fact("draw-to")).toBe(String(START + 600));
    expect(fact("last-time")).toBe(String(START + 600));
    expect(fact("count-pivot-major")).toBe("1");
  });

  test("zones are counted as boxes, and all active ids as what they are", async () => {
    const api = stored();
    api.drawing = [...zoneItems("alive", [START, START + 300], [99, 105]), pivotItem(START + 60, 1)];
    const { host, fact, paint } = setUp(api);
    host.open(btc);
    await paint();
    await paint();
    expect(fact("count-zhongshu-alive")).toBe("1");
    expect(fact("shown-zhongshu-alive")).toBe("1");
    expect(fact("active")).toBe("3");
  });
});

/** jsdom has no pointer events of its own. */
class FakePointer extends MouseEvent {
  readonly pointerId = 1;
  readonly pointerType: string;
  readonly isPrimary: boolean;

  constructor(type: string, init: MouseEventInit & { pointerType?: string; isPrimary?: boolean }) {
    super(type, init);
    this.pointerType = init.pointerType ?? "mouse";
    this.isPrimary = init.isPrimary ?? true;
  }
}
