/** Candles that are the same in every run, and their way into a server. */

export interface Candle {
  candle_time: number;
  open: number;
  high: number;
  low: number;
  close: number;
  volume: number;
}

export const MINUTE = 60;
const BATCH = 10_000;

/** Times end twenty minutes ago, so that a few more bars can close without running ahead of the clock. */
export function lastTime(step = MINUTE): number {
  return Math.floor(Date.now() / 1_000 / step) * step - 20 * step;
}

function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const cents = (value: number) => Math.round(value * 100) / 100;

/** A walk with swings around `start`, so that pens form and both colours take part. */
export function walk(count: number, { end = lastTime(), start = 1_000, seed = 7, step = MINUTE } = {}): Candle[] {
  const next = random(seed);
  const candles: Candle[] = [];
  let price = start;
  for (let index = 0; index < count; index += 1) {
    const open = price;
    const swing = Math.sin(index / 9) * 3 + Math.sin(index / 31) * 4;
    const home = (start - open) * 0.04;
    const close = cents(Math.max(1, open + home + swing * (0.4 + next()) * 0.6 + (next() - 0.5) * 18));
    const high = cents(Math.max(open, close) + next() * 2.5);
    const low = cents(Math.min(open, close) - next() * 2.5);
    const candle_time = end - (count - 1 - index) * step;
    candles.push({ candle_time, open, high, low, close, volume: cents(12_000 + next() * 60_000) });
    price = close;
  }
  return candles;
}

/** The bar after `candle`, closing at `close`. */
export function after(candle: Candle, close: number, step = MINUTE): Candle {
  const { close: open } = candle;
  return {
    candle_time: candle.candle_time + step,
    open,
    high: Math.max(open, close) + 1,
    low: Math.min(open, close) - 1,
    close,
    volume: 31_000,
  };
}

async function post(url: string, body: unknown): Promise<void> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
}

export async function store(server: string, series_id: string, candles: readonly Candle[]): Promise<void> {
  for (let at = 0; at < candles.length; at += BATCH) {
    const page = candles.slice(at, at + BATCH);
    await post(`${server}/api/dev/market/ingest/candles_closed_batch`, { series_id, candles: page, publish_ws: true });
  }
}

export function close(server: string, series_id: string, candle: Candle): Promise<void> {
  return post(`${server}/api/market/ingest/candle_closed`, { series_id, candle });
}

export function form(server: string, series_id: string, candle: Candle): Promise<void> {
  return post(`${server}/api/market/ingest/candle_forming`, { series_id, candle });
}

/** Complete longer bars, made of ascending ones. */
export function rolledUp(candles: readonly Candle[], step: number, from = MINUTE): Candle[] {
  const bars: Candle[] = [];
  for (let at = 0; at < candles.length; ) {
    const open = Math.floor((candles[at] as Candle).candle_time / step) * step;
    const part: Candle[] = [];
    while (at < candles.length && (candles[at] as Candle).candle_time < open + step) part.push(candles[at++] as Candle);
    if (part.length === step / from) bars.push(merged(part, open));
  }
  return bars;
}

export function merged(part: readonly Candle[], candle_time: number): Candle {
  return {
    candle_time,
    open: (part[0] as Candle).open,
    high: Math.max(...part.map(({ high }) => high)),
    low: Math.min(...part.map(({ low }) => low)),
    close: (part.at(-1) as Candle).close,
    volume: part.reduce((sum, { volume }) => sum + volume, 0),
  };
}
