// Synthetic candles and a simple zigzag over them. The same series gives the same history on every run.
import { structureItems, structureSlices } from "./fake-structure.mjs";

const UNIT_SECONDS = { m: 60, h: 3_600, d: 86_400 };

/** Series with data. The SOL series have holes: a short one and one that is drawn with a break. */
export const SERIES = ["BTC/USDT", "ETH/USDT", "SOL/USDT"].flatMap((symbol) =>
  ["1m", "5m", "15m", "1h", "4h", "1d"].map((timeframe) => `binance:futures:${symbol}:${timeframe}`),
);

const START_PRICES = { BTC: 64_250, ETH: 3_120, SOL: 148 };
const DIGITS = { BTC: 1, ETH: 2, SOL: 3 };
const MAJOR_WINDOW = 12;
const MINOR_WINDOW = 4;

export class Market {
  constructor({ speed, bars }) {
    this.speed = speed;
    this.bars = bars;
    this.startedAtMs = Date.now();
    this.series = new Map();
    /** Whether factors and drawings answer that they are behind. */
    this.behind = false;
  }

  nowMs() {
    return this.startedAtMs + (Date.now() - this.startedAtMs) * this.speed;
  }

  timeframe(seriesId) {
    const [, count, unit] = /([1-9][0-9]*)([mhd])$/.exec(seriesId);
    return Number(count) * UNIT_SECONDS[unit];
  }

  closed(seriesId) {
    return this.state(seriesId)?.closed ?? [];
  }

  head(seriesId) {
    return this.closed(seriesId).at(-1)?.candle_time ?? null;
  }

  epoch(seriesId) {
    return this.state(seriesId)?.epoch ?? 0;
  }

  forming(seriesId) {
    const state = this.state(seriesId);
    const tf = this.timeframe(seriesId);
    const time = Math.floor(this.nowMs() / 1_000 / tf) * tf;
    const share = Math.min(1, (this.nowMs() / 1_000 - time) / tf);
    return partial(state, time, share);
  }

  /** Closes what is due; returns the candles by series. */
  advance() {
    const closed = new Map();
    for (const [seriesId, state] of this.series) {
      const tf = this.timeframe(seriesId);
      const due = Math.floor(this.nowMs() / 1_000 / tf) * tf;
      const fresh = [];
      for (let time = state.next; time < due; time += tf) fresh.push(full(state, time));
      state.next = Math.max(state.next, due);
      state.closed.push(...fresh);
      if (fresh.length > 0) closed.set(seriesId, fresh);
    }
    return closed;
  }

  drawDelta(seriesId, cursor, windowCandles) {
    const closed = this.closed(seriesId);
    const to = this.head(seriesId);
    const base = { schema_version: 1, series_id: seriesId, series_points: {} };
    if (to === null) {
      return {
        ...base,
        to_candle_id: null,
        to_candle_time: null,
        active_ids: [],
        instruction_catalog_patch: [],
        next_cursor: { version_id: 0, point_time: null },
      };
    }
    const span = windowCandles * this.timeframe(seriesId);
    const at = (end) => drawing(closed.filter(({ candle_time: t }) => t <= end && t >= end - span));
    const now = at(to);
    const then = cursor > 0 ? at(cursor) : new Map();
    const patch = [...now]
      .filter(([id, definition]) => JSON.stringify(then.get(id)) !== JSON.stringify(definition))
      .map(([id, definition]) => ({
        version_id: to,
        instruction_id: id,
        kind: definition.type,
        visible_time: to,
        definition,
      }));
    return {
      ...base,
      to_candle_id: `${seriesId}:${to}`,
      to_candle_time: to,
      active_ids: [...now.keys()].sort(),
      instruction_catalog_patch: patch,
      next_cursor: { version_id: to, point_time: null },
    };
  }

  /** Slices of a candle: enough of every factor for the words of the client. */
  slices(seriesId, atTime, windowCandles, part, factors) {
    const tf = this.timeframe(seriesId);
    const candles = this.closed(seriesId).filter(
      ({ candle_time: t }) => t <= atTime && t >= atTime - windowCandles * tf,
    );
    const at = candles.at(-1)?.candle_time ?? null;
    const candle_id = at === null ? null : `${seriesId}:${at}`;
    const meta = { series_id: seriesId, epoch: this.epoch(seriesId), at_time: at, candle_id };
    const snapshots = {};
    for (const [factor_name, { history, head }] of at === null ? [] : sliceContents(candles, tf)) {
      if (factors && !factors.includes(factor_name)) continue;
      snapshots[factor_name] = {
        schema_version: 1,
        history: part === "head" ? {} : history,
        head: part === "history" ? {} : head,
        meta: { ...meta, factor_name },
      };
    }
    const names = Object.keys(snapshots);
    return { schema_version: 1, series_id: seriesId, at_time: at ?? atTime, candle_id, factors: names, snapshots };
  }

  state(seriesId) {
    const known = this.series.get(seriesId);
    if (known || !SERIES.includes(seriesId)) return known;
    const tf = this.timeframe(seriesId);
    const base = seriesId.split(":")[2].split("/")[0];
    const due = Math.floor(this.nowMs() / 1_000 / tf) * tf;
    const state = {
      random: generator(seriesId),
      price: START_PRICES[base],
      drift: 0,
      volatility: 0.0009 * Math.sqrt(tf / 60),
      digits: DIGITS[base],
      pending: new Map(),
      closed: [],
      next: due,
      epoch: 0,
    };
    const holes =
      base === "SOL"
        ? [
            [this.bars - 60, this.bars - 54],
            [this.bars - 240, this.bars - 120],
          ]
        : [];
    for (let at = 0; at < this.bars; at += 1) {
      const candle = full(state, due - (this.bars - at) * tf);
      if (!holes.some(([from, to]) => at >= from && at < to)) state.closed.push(candle);
    }
    this.series.set(seriesId, state);
    return state;
  }
}

/** The path of one bar: a few ticks, made once, so that forming and closed states agree. */
function path(state, time) {
  const known = state.pending.get(time);
  if (known) return known;
  const ticks = [state.price];
  if (state.random() < 0.04) state.drift = (state.random() - 0.5) * state.volatility * 1.2;
  for (let at = 0; at < 24; at += 1) {
    const step = (state.random() + state.random() + state.random() - 1.5) * state.volatility * 0.55 + state.drift / 24;
    ticks.push(ticks.at(-1) * (1 + step));
  }
  const made = { ticks: ticks.map((price) => Number(price.toFixed(state.digits))), volume: 5 + state.random() * 120 };
  state.pending.set(time, made);
  return made;
}

function partial(state, time, share) {
  const { ticks, volume } = path(state, time);
  const seen = ticks.slice(0, Math.max(1, Math.ceil(ticks.length * share)));
  const move = Math.abs(seen.at(-1) / seen[0] - 1) * 9_000;
  return {
    candle_time: time,
    open: seen[0],
    high: Math.max(...seen),
    low: Math.min(...seen),
    close: seen.at(-1),
    volume: Number(((volume + move) * Math.max(share, 0.02)).toFixed(3)),
  };
}

function full(state, time) {
  const candle = partial(state, time, 1);
  state.pending.delete(time);
  state.price = candle.close;
  return candle;
}

function drawing(candles) {
  const items = new Map();
  const majors = pivots(candles, MAJOR_WINDOW);
  for (const pivot of pivots(candles, MINOR_WINDOW)) addPivot(items, pivot, "pivot.minor", MINOR_WINDOW, 0.5);
  for (const pivot of majors) addPivot(items, pivot, "pivot.major", MAJOR_WINDOW, 1);
  const turns = alternate(majors);
  const points = turns.map(({ time, price }) => ({ time, value: price }));
  const line = { type: "polyline", color: "#ffffff", lineWidth: 2 };
  if (points.length > 1) items.set("pen.confirmed", { ...line, feature: "pen.confirmed", points });
  for (const [id, definition] of structureItems(penList(candles, turns), candles)) items.set(id, definition);
  const last = turns.at(-1);
  const tail = last ? candles.filter((candle) => candle.candle_time > last.time) : [];
  if (tail.length > 1) {
    const extreme = extremeOf(tail, last.high);
    const head = { ...line, lineStyle: "dashed" };
    const from = { time: last.time, value: last.price };
    items.set("pen.extending", { ...head, feature: "pen.extending", points: [from, extreme] });
    const rest = tail.filter((candle) => candle.candle_time > extreme.time);
    if (rest.length > 1) {
      items.set("pen.candidate", { ...head, feature: "pen.candidate", points: [extreme, extremeOf(rest, !last.high)] });
    }
  }
  return items;
}

/** Pens of the zigzag with the candle at which each became known. */
function penList(candles, turns) {
  const delay = MAJOR_WINDOW;
  const times = candles.map(({ candle_time }) => candle_time);
  return turns.slice(1).flatMap((turn, at) => {
    const from = turns[at];
    const known = times[times.indexOf(turn.time) + delay];
    if (known === undefined) return [];
    return [
      {
        start_time: from.time,
        end_time: turn.time,
        start_price: from.price,
        end_price: turn.price,
        direction: turn.price > from.price ? 1 : -1,
        visible_time: known,
      },
    ];
  });
}

function sliceContents(candles, tf) {
  const majors = pivots(candles, MAJOR_WINDOW);
  const turns = alternate(majors);
  const pivot = (window) => (found) => ({
    pivot_time: found.time,
    pivot_price: found.price,
    direction: found.high ? "resistance" : "support",
    visible_time: found.time + window * tf,
    window,
  });
  const last = turns.at(-1);
  const tail = last ? candles.filter(({ candle_time }) => candle_time > last.time) : [];
  const end = tail.length > 1 ? extremeOf(tail, last.high) : null;
  const extending = end && {
    start_time: last.time,
    end_time: end.time,
    start_price: last.price,
    end_price: end.value,
    direction: last.high ? -1 : 1,
  };
  return [
    [
      "pivot",
      {
        history: {
          major: majors.map(pivot(MAJOR_WINDOW)),
          minor: pivots(candles, MINOR_WINDOW).map(pivot(MINOR_WINDOW)),
        },
        head: {},
      },
    ],
    ["pen", { history: { confirmed: penList(candles, turns) }, head: extending ? { extending } : {} }],
    ...structureSlices(penList(candles, turns), candles),
  ];
}

function extremeOf(candles, low) {
  let best = candles[0];
  for (const candle of candles) if (low ? candle.low < best.low : candle.high > best.high) best = candle;
  return { time: best.candle_time, value: low ? best.low : best.high };
}

function addPivot(items, { time, high }, feature, window, size) {
  const direction = high ? "resistance" : "support";
  items.set(`${feature}:${time}:${direction}:${window}`, {
    type: "marker",
    feature,
    time,
    position: high ? "aboveBar" : "belowBar",
    color: high ? "#ef4444" : "#22c55e",
    shape: "circle",
    text: "",
    size,
  });
}

function pivots(candles, window) {
  const found = [];
  for (let at = window; at < candles.length - window; at += 1) {
    const around = candles.slice(at - window, at + window + 1);
    const { candle_time: time, high, low } = candles[at];
    if (around.every((candle) => candle.high <= high)) found.push({ time, price: high, high: true });
    if (around.every((candle) => candle.low >= low)) found.push({ time, price: low, high: false });
  }
  return found;
}

function alternate(found) {
  const turns = [];
  for (const pivot of found) {
    const last = turns.at(-1);
    if (!last || last.high !== pivot.high) turns.push(pivot);
    else if (pivot.high ? pivot.price > last.price : pivot.price < last.price) turns[turns.length - 1] = pivot;
  }
  return turns;
}

/** A small seeded generator, 0 up to 1. */
function generator(seed) {
  let state = 2_166_136_261;
  for (const character of seed) state = Math.imul(state ^ character.codePointAt(0), 16_777_619);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
