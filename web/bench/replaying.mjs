/**
 * Replays a long history: 500,000 candles with every structure. Picks the first bar, seeks, steps and plays by the
 * controls of the page, and watches the chart say where it stands. Returns what `page.mjs` prints.
 */
import { WebSocket } from "ws";
import { heap, MINUTE, number, SERIES, store, trace, walk } from "./moving.mjs";

const CANDLES = 500_000;
const SEEKS = 60;
const STEPS = 200;
const PLAYED = 10_000;
/** Presses of the key that steps back before the chart has to have followed. */
const BACK_AT_ONCE = 50;

const sorted = (values) => values.toSorted((a, b) => a - b);
const part = (values, share) => sorted(values)[Math.min(values.length - 1, Math.floor(values.length * share))];
export const spread = (values) => ({ p50: part(values, 0.5), p99: part(values, 0.99) });

/**
 * Notes when the mouse and the keys were pressed, and when the chart last stood anew: position, newest candle and
 * drawings are then of one time, and painted.
 */
function watch() {
  const noted = { down: 0, up: 0, key: 0, at: "", atMs: 0 };
  window.noted = noted;
  const note = (type, name) =>
    addEventListener(
      type,
      (event) => {
        noted[name] = event.timeStamp;
      },
      { capture: true },
    );
  note("pointerdown", "down");
  note("pointerup", "up");
  note("keydown", "key");
  new MutationObserver(() => {
    const chart = document.querySelector('[data-testid="chart"]');
    const at = chart?.getAttribute("data-replay-time") ?? "";
    const whole = chart?.getAttribute("data-draw-to") === at && chart?.getAttribute("data-last-time") === at;
    if (at === "" || at === noted.at || !whole) return;
    noted.at = at;
    noted.atMs = performance.now();
  }).observe(document, {
    subtree: true,
    attributes: true,
    attributeFilter: ["data-replay-time", "data-draw-to", "data-last-time"],
  });
}

/** From what was pressed to the chart that stands elsewhere than `before`, milliseconds. */
async function sincePress(page, pressed, before) {
  await page.waitForFunction((before) => window.noted.at !== before, before, { polling: 5 });
  return page.evaluate((pressed) => window.noted.atMs - window.noted[pressed], pressed);
}

const standing = (page) => page.evaluate(() => window.noted.at);

/** From the click that picks the first bar to the picture of it, milliseconds. */
async function enter(page, chart) {
  await page.keyboard.press("Alt+b");
  await page.waitForSelector('[data-testid="chart"][data-mode="pick"]');
  const box = await chart.boundingBox();
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 3];
  await page.mouse.move(x, y);
  await page.waitForTimeout(200);
  await page.mouse.click(x, y);
  return sincePress(page, "up", "");
}

const paused = (page) => page.waitForSelector('[data-testid="chart"][data-replay-state="paused"]');

/** Random places of the scrubber, each from the press to the picture, milliseconds. */
async function seeks(page) {
  const box = await page.locator('[data-testid="replay-scrubber"]').boundingBox();
  const taken = [];
  let state = 11;
  for (let at = 0; at < SEEKS; at += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const x = box.x + 4 + (box.width - 8) * (state / 2 ** 32);
    const before = await standing(page);
    await page.mouse.move(x, box.y + box.height / 2);
    await page.mouse.down();
    await page.mouse.up();
    taken.push(await sincePress(page, "down", before));
    await paused(page);
  }
  return spread(taken);
}

async function steps(page, chart) {
  await chart.focus();
  const taken = [];
  for (let at = 0; at < STEPS; at += 1) {
    const before = await standing(page);
    await page.keyboard.press(".");
    taken.push(await sincePress(page, "key", before));
  }
  return spread(taken);
}

/** Plays so many bars at 1,000 a second; returns how many a second there were. */
async function play(page, chart, bars) {
  const from = await number(chart, "data-replay-time");
  const began = await page.evaluate(() => performance.now());
  await page.keyboard.press("Space");
  const ended = await page.evaluate(
    ({ goal }) =>
      new Promise((resolve) => {
        const chart = document.querySelector('[data-testid="chart"]');
        const look = () => {
          if (Number(chart.getAttribute("data-replay-time")) >= goal) resolve(performance.now());
          else requestAnimationFrame(look);
        };
        look();
      }),
    { goal: from + bars * MINUTE },
  );
  await page.keyboard.press("Space");
  await paused(page);
  return (bars / (ended - began)) * 1_000;
}

/** Steps back to a position, as somebody does who holds the key. */
async function back(page, chart, goal) {
  for (let at = await number(chart, "data-replay-time"); at > goal; at = await number(chart, "data-replay-time")) {
    const steps = Math.min(BACK_AT_ONCE, (at - goal) / MINUTE);
    await Promise.all(Array.from({ length: steps }, () => page.keyboard.press(",")));
    await page.waitForFunction(
      (to) => Number(document.querySelector('[data-testid="chart"]').getAttribute("data-replay-time")) <= to,
      at - steps * MINUTE,
      { polling: 5 },
    );
  }
}

/** The same seeks without a page: from the command to the frame on the socket, milliseconds. */
async function bareSeeks(address, first) {
  const socket = new WebSocket(`${address.replace("http", "ws")}/ws/replay`);
  await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
  const until = (type) =>
    new Promise((resolve) => {
      const hear = (data) => {
        if (JSON.parse(data.toString()).type !== type) return;
        socket.off("message", hear);
        resolve(performance.now());
      };
      socket.on("message", hear);
    });
  const tell = async (command) => {
    const done = until("replay_state");
    const from = performance.now();
    socket.send(JSON.stringify(command));
    return (await done) - from;
  };
  await tell({ type: "open", series_id: SERIES, at_time: first + 5_000 * MINUTE, window_candles: 2_000, part: "head" });
  const taken = [];
  let state = 11;
  for (let at = 0; at < SEEKS; at += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const place = Math.floor(4_000 + (CANDLES - 8_000) * (state / 2 ** 32));
    taken.push(await tell({ type: "seek", at_time: first + place * MINUTE }));
  }
  socket.close();
  return spread(taken);
}

export async function measureReplaying(browser, address) {
  const now = Math.floor(Date.now() / 1_000 / MINUTE) * MINUTE;
  const first = now - (CANDLES + 10) * MINUTE;
  await store(address, walk(CANDLES, first), false);
  const bare = await bareSeeks(address, first);
  const context = await browser.newContext({ viewport: { width: 1600, height: 900 } });
  const page = await context.newPage();
  await page.addInitScript(() => {
    localStorage.setItem("tc:v1:hints", '{"firstRun":false}');
    localStorage.setItem("tc:v1:replay", JSON.stringify({ speed: 1_000, kinds: [] }));
  });
  await page.addInitScript(watch);
  await page.goto(`${address}/live?s=${SERIES}`);
  const chart = page.getByTestId("chart");
  await page.waitForSelector('[data-testid="chart"][data-status="ready"][data-draw-status="ok"]');
  await page.waitForSelector('[data-cmd="mode.replay"]');
  await chart.focus();
  const entered = await enter(page, chart);
  await paused(page);
  const sought = await seeks(page);
  const start = first + 200_000 * MINUTE;
  await page.goto(`${address}/replay?s=${SERIES}&t=${start}`);
  await paused(page);
  const stepped = await steps(page, chart);
  const from = await number(chart, "data-replay-time");
  // What is loaded once and the first windows of both directions are not growth.
  await play(page, chart, PLAYED / 10);
  await back(page, chart, from);
  const before = await heap(page);
  let rate = 0;
  const frames = await trace(browser, page, async () => {
    rate = await play(page, chart, PLAYED);
  });
  await back(page, chart, from);
  const after = await heap(page);
  await context.close();
  return { entered, sought, bare, stepped, rate, frames, heap: { before, after } };
}
