/**
 * Moves a full chart: 50,000 candles with every overlay of the drawing window. Pans and zooms by the mouse while the
 * browser traces its main thread, then lets 10,000 candles close live. Returns what `page.mjs` prints.
 */
export const SERIES = "binance:futures:BENCH/USDT:1m";
const CANDLES = 50_000;
const LIVE_CANDLES = 10_000;
const BATCH = 10_000;
export const MINUTE = 60;
/** A frame that takes longer is felt. */
const LONG_MS = 50;
const MOVES = 600;

/** A walk with swings around a price, the same in every run. */
export function walk(count, first) {
  let state = 7;
  const random = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  const cents = (value) => Math.round(value * 100) / 100;
  let price = 1_000;
  return Array.from({ length: count }, (_, at) => {
    const open = price;
    const swing = Math.sin(at / 9) * 3 + Math.sin(at / 31) * 4 + Math.sin(at / 400) * 2;
    const close = cents(Math.max(1, open + (1_000 - open) * 0.02 + swing * random() + (random() - 0.5) * 12));
    price = close;
    const high = cents(Math.max(open, close) + random() * 2.5);
    const low = cents(Math.min(open, close) - random() * 2.5);
    return { candle_time: first + at * MINUTE, open, high, low, close, volume: cents(1_000 + random() * 5_000) };
  });
}

async function post(url, body) {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
}

export async function store(address, candles, publish_ws) {
  for (let at = 0; at < candles.length; at += BATCH) {
    const page = candles.slice(at, at + BATCH);
    await post(`${address}/api/dev/market/ingest/candles_closed_batch`, {
      series_id: SERIES,
      candles: page,
      publish_ws,
    });
  }
}

export const number = (chart, name) => chart.evaluate((node, key) => Number(node.getAttribute(key)), name);

/** Pans left until every candle is loaded. */
async function loadAll(page, chart) {
  await chart.focus();
  for (let tries = 0; tries < 200; tries += 1) {
    if ((await chart.getAttribute("data-history")) === "start") break;
    await page.keyboard.press("Home");
    await page.waitForTimeout(100);
  }
  await page.keyboard.press("End");
  await page.waitForFunction(
    () => document.querySelector('[data-testid="chart"]')?.getAttribute("data-follow") === "true",
  );
}

/** A scripted drag there and back with zooming in between; resolves when the last frame was painted. */
async function move(page, chart) {
  const box = await chart.boundingBox();
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  for (let at = 0; at < MOVES / 60; at += 1) {
    await page.mouse.move(x, y);
    await page.mouse.down();
    await page.mouse.move(x + (at % 2 === 0 ? 500 : -500), y, { steps: 30 });
    await page.mouse.up();
    for (let turn = 0; turn < 30; turn += 1) await page.mouse.wheel(0, (at % 3 === 0 ? 1 : -1) * 60);
  }
}

/** Longest stretches of the main thread and of the time between two frames, from a trace. */
function summary(trace) {
  const events = JSON.parse(trace.toString()).traceEvents;
  const isMain = new Set(
    events
      .filter(({ name, args }) => name === "thread_name" && args.name === "CrRendererMain")
      .map(({ pid, tid }) => `${pid} ${tid}`),
  );
  const tasks = events
    .filter(({ name, ph, pid, tid }) => name === "RunTask" && ph === "X" && isMain.has(`${pid} ${tid}`))
    .map(({ dur }) => dur / 1_000);
  const frames = tasks.filter((taken) => taken >= 1);
  const long = frames.filter((taken) => taken > LONG_MS).length;
  return {
    longest: Math.max(0, ...tasks),
    share: frames.length === 0 ? 0 : long / frames.length,
    frames: frames.length,
  };
}

export async function trace(browser, page, run) {
  await browser.startTracing(page, {
    categories: ["toplevel", "devtools.timeline", "disabled-by-default-devtools.timeline"],
  });
  await run();
  return summary(await browser.stopTracing());
}

/** Used JavaScript memory after a collection, bytes. */
export async function heap(page) {
  const session = await page.context().newCDPSession(page);
  await session.send("HeapProfiler.collectGarbage");
  const { usedSize } = await session.send("Runtime.getHeapUsage");
  await session.detach();
  return usedSize;
}

/** Lets candles close one batch of ten after another and watches what is active. */
async function stream(address, page, chart, candles) {
  const counts = [];
  for (let at = 0; at < candles.length; at += 10) {
    await store(address, candles.slice(at, at + 10), true);
    if (at % 1_000 === 990) {
      const time = candles[at + 9].candle_time;
      await page.waitForFunction(
        (to) => document.querySelector('[data-testid="chart"]')?.getAttribute("data-draw-to") === String(to),
        time,
        { timeout: 30_000 },
      );
      counts.push(await number(chart, "data-active"));
    }
  }
  return counts;
}

export async function measureMoving(browser, address) {
  const now = Math.floor(Date.now() / 1_000 / MINUTE) * MINUTE;
  const all = walk(CANDLES + LIVE_CANDLES, now - (CANDLES + LIVE_CANDLES + 10) * MINUTE);
  await store(address, all.slice(0, CANDLES), false);
  const context = await browser.newContext({ viewport: { width: 1600, height: 900 } });
  const page = await context.newPage();
  await page.addInitScript(() => {
    localStorage.setItem("tc:v1:hints", '{"firstRun":false}');
    const features = { "pivot.minor": true, "sr.broken": true };
    localStorage.setItem("tc:v1:factors", JSON.stringify({ features, off: [] }));
  });
  await page.goto(`${address}/live?s=${SERIES}`);
  const chart = page.getByTestId("chart");
  await page.waitForSelector('[data-testid="chart"][data-status="ready"][data-draw-status="ok"]');
  await loadAll(page, chart);
  const loaded = await number(chart, "data-candles");
  const active = await number(chart, "data-active");
  const idle = await trace(browser, page, () => page.waitForTimeout(3_000));
  const moved = await trace(browser, page, () => move(page, chart));
  const before = await heap(page);
  const counts = await stream(address, page, chart, all.slice(CANDLES));
  const after = await heap(page);
  await context.close();
  return { loaded, active, idle, moved, counts, heap: { before, after } };
}
