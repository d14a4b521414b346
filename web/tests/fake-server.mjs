// A stand-in for the server: the routes and the socket of the contract over synthetic candles and pens.
//
//   node tests/fake-server.mjs [--port 8000] [--speed 20] [--bars 6000]
//
// It serves local development of the client and browser checks that need no store. It keeps nothing.
import { createServer } from "node:http";
import { parseArgs } from "node:util";
import { WebSocketServer } from "ws";
import { Market, SERIES } from "./fake-market.mjs";

const CATCH_UP_LIMIT = 2_000;
const FORMING_INTERVAL_MS = 200;

/** Starts the server; `port` 0 takes a free one. Resolves with the address and the way to stop. */
export async function startFakeServer({ port = 0, speed = 1, bars = 6_000 } = {}) {
  const market = new Market({ speed, bars });
  const sockets = new Set();
  const http = createServer((request, response) => answer(market, request, response));
  const ws = new WebSocketServer({ server: http, path: "/ws/market" });
  ws.on("connection", (socket) => {
    const client = { socket, subscriptions: new Map() };
    sockets.add(client);
    socket.on("message", (data) => receive(market, client, String(data)));
    socket.on("close", () => sockets.delete(client));
  });
  const ticker = setInterval(() => tick(market, sockets), FORMING_INTERVAL_MS);
  await new Promise((resolve) => http.listen(port, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${http.address().port}`,
    market,
    /** Drops every socket, as a restart does; clients come back with their cursor. */
    dropSockets() {
      for (const { socket } of sockets) socket.terminate();
    },
    async stop() {
      clearInterval(ticker);
      for (const { socket } of sockets) socket.terminate();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}

function tick(market, clients) {
  const closed = market.advance();
  for (const { socket, subscriptions } of clients) {
    for (const [seriesId, subscription] of subscriptions) {
      const fresh = (closed.get(seriesId) ?? []).filter((candle) => candle.candle_time > subscription.cursor);
      if (fresh.length > 0) deliver(market, socket, seriesId, subscription, fresh);
      if (market.head(seriesId) === null) continue;
      send(socket, { type: "candle_forming", series_id: seriesId, candle: market.forming(seriesId) });
    }
  }
}

function deliver(market, socket, seriesId, subscription, candles) {
  if (candles.length === 1) send(socket, { type: "candle_closed", series_id: seriesId, candle: candles[0] });
  else send(socket, { type: "candles_batch", series_id: seriesId, candles });
  subscription.cursor = candles.at(-1).candle_time;
  sendHead(market, socket, seriesId);
}

function sendHead(market, socket, seriesId) {
  const time = market.head(seriesId);
  if (time === null) return;
  send(socket, {
    type: "draw_head",
    series_id: seriesId,
    to_candle_time: time,
    version_id: time,
    epoch: market.epoch(seriesId),
  });
}

function receive(market, client, text) {
  const { socket, subscriptions } = client;
  const fail = (message) => send(socket, { type: "error", code: "bad_request", message });
  let message;
  try {
    message = JSON.parse(text);
  } catch {
    return fail("invalid message envelope");
  }
  if (typeof message !== "object" || message === null || Array.isArray(message))
    return fail("invalid message envelope");
  const { type, series_id, since = null } = message;
  if (typeof type !== "string" || type === "") return fail("missing message type");
  if (type === "unsubscribe") return subscriptions.delete(series_id);
  if (type !== "subscribe") return fail(`unknown message type: ${type}`);
  if (typeof series_id !== "string" || series_id === "") return fail("missing series_id");
  if (!isSeriesId(series_id)) return fail("invalid series_id");
  if (since !== null && !Number.isInteger(since)) return fail("invalid since");
  const all = market.closed(series_id);
  const missed = since === null ? all.slice(-CATCH_UP_LIMIT) : all.filter((candle) => candle.candle_time > since);
  const subscription = { cursor: since ?? 0 };
  subscriptions.set(series_id, subscription);
  if (missed.length > 0) {
    send(socket, { type: "candles_batch", series_id, candles: missed });
    subscription.cursor = missed.at(-1).candle_time;
  }
  sendHead(market, socket, series_id);
}

function send(socket, message) {
  if (socket.readyState === 1) socket.send(JSON.stringify(message));
}

function answer(market, request, response) {
  const url = new URL(request.url, "http://localhost");
  const query = Object.fromEntries(url.searchParams);
  const route = ROUTES[url.pathname];
  if (!route) return reply(response, 404, errorBody("Not Found", "http.not_found", "There is nothing at this path."));
  if (request.method !== "GET") {
    return reply(
      response,
      405,
      errorBody("Method Not Allowed", "http.method_not_allowed", "This path answers GET only."),
    );
  }
  if (query.series_id !== undefined && !isSeriesId(query.series_id)) {
    return reply(response, 400, errorBody("invalid_series_id", "series.invalid_id", "This is not a series id."));
  }
  try {
    return reply(response, 200, route(market, query));
  } catch (problem) {
    if (!(problem instanceof Refused)) throw problem;
    return reply(response, problem.status, errorBody(problem.detail, problem.code, problem.message));
  }
}

/** A route that answers with an error of the contract. */
class Refused extends Error {
  constructor(status, detail, code, message) {
    super(message);
    Object.assign(this, { status, detail, code });
  }
}

/** Ledgers that a test holds back, as after a failed step: candles go on, everything derived answers 409. */
function requireLedgers(market) {
  if (!market.behind) return;
  const code = "factor_read.ledger_out_of_sync";
  throw new Refused(409, "ledger_out_of_sync:factor", code, "The factors of this series are behind its candles.");
}

function reply(response, status, body) {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    "content-type": "application/json",
    "x-request-id": body.request_id ?? "fake",
  });
  response.end(text);
}

function errorBody(detail, code, message) {
  return { detail, code, message, request_id: "fake" };
}

function isSeriesId(text) {
  return /^[a-z0-9_]+:[a-z0-9_]+:[A-Za-z0-9._/:-]+:[1-9][0-9]{0,5}[mhd]$/.test(text);
}

const ROUTES = {
  "/api/market/candles": (market, { series_id, since, limit = "500" }) => {
    const all = market.closed(series_id);
    const count = Number(limit);
    const candles =
      since === undefined
        ? all.slice(-count)
        : all.filter((candle) => candle.candle_time > Number(since)).slice(0, count);
    return { series_id, server_head_time: market.head(series_id), candles };
  },
  "/api/draw/delta": (market, { series_id, cursor_version_id = "0", window_candles = "2000" }) => {
    requireLedgers(market);
    return market.drawDelta(series_id, Number(cursor_version_id), Number(window_candles));
  },
  "/api/frame/live": (market, { series_id, window_candles = "2000", part = "all" }) => {
    const to = market.head(series_id);
    if (to === null) throw new Refused(404, "no_data", "world_read.no_data", "Nothing is stored for this series.");
    requireLedgers(market);
    return {
      schema_version: 1,
      series_id,
      time: { at_time: to, aligned_time: to, candle_id: `${series_id}:${to}` },
      factor_slices: market.slices(series_id, to, Number(window_candles), part),
      draw_state: market.drawDelta(series_id, 0, Number(window_candles)),
    };
  },
  "/api/delta/poll": (market, { series_id, after_id = "0", window_candles = "2000" }) => {
    requireLedgers(market);
    const to = market.head(series_id);
    const cursor = Number(after_id);
    const window = Number(window_candles);
    const record = {
      id: to,
      series_id,
      to_candle_id: `${series_id}:${to}`,
      to_candle_time: to,
      draw_delta: market.drawDelta(series_id, cursor, window),
      factor_slices: market.slices(series_id, to, window, "all"),
    };
    const fresh = to !== null && to > cursor;
    return {
      schema_version: 1,
      series_id,
      records: fresh ? [record] : [],
      next_cursor: { id: fresh ? to : cursor },
    };
  },
  "/api/factor/slices": (market, { series_id, at_time, window_candles = "2000", part = "all", factors }) => {
    requireLedgers(market);
    return market.slices(series_id, Number(at_time), Number(window_candles), part, factors?.split(","));
  },
  "/api/market/whitelist": () => ({ series_ids: SERIES }),
  "/api/market/series": (market, { q = "" }) => ({
    series: SERIES.filter((id) => id.toLowerCase().includes(q.toLowerCase()))
      .sort()
      .map((series_id) => ({
        series_id,
        first_time: market.closed(series_id)[0]?.candle_time ?? null,
        head_time: market.head(series_id),
        epoch: market.epoch(series_id),
        whitelisted: true,
        live: true,
      })),
  }),
  "/api/factor/catalog": () => ({
    schema_version: 1,
    factors: [
      {
        key: "pivot",
        label: "Pivot",
        default_visible: true,
        sub_features: [
          { key: "pivot.major", label: "Major", default_visible: true },
          { key: "pivot.minor", label: "Minor", default_visible: false },
        ],
      },
      {
        key: "pen",
        label: "Pen",
        default_visible: true,
        sub_features: [
          { key: "pen.confirmed", label: "Confirmed", default_visible: true },
          { key: "pen.extending", label: "Extending", default_visible: true },
          { key: "pen.candidate", label: "Candidate", default_visible: true },
        ],
      },
      {
        key: "zhongshu",
        label: "Zhongshu",
        default_visible: true,
        sub_features: [
          { key: "zhongshu.alive", label: "Alive", default_visible: true },
          { key: "zhongshu.dead", label: "Dead", default_visible: true },
        ],
      },
      {
        key: "anchor",
        label: "Anchor",
        default_visible: true,
        sub_features: [
          { key: "anchor.current", label: "Current", default_visible: true },
          { key: "anchor.history", label: "History", default_visible: true },
          { key: "anchor.switch", label: "Switches", default_visible: true },
        ],
      },
      {
        key: "sr",
        label: "SR",
        default_visible: true,
        sub_features: [
          { key: "sr.active", label: "Active", default_visible: true },
          { key: "sr.broken", label: "Broken", default_visible: false },
        ],
      },
    ],
  }),
  "/api/factor/health": (market, { series_id }) => {
    const head = market.head(series_id);
    return {
      series_id,
      timeframe_seconds: market.timeframe(series_id),
      store_head_time: head,
      factor_head_time: head,
      overlay_head_time: head,
      factor_delay_seconds: head === null ? null : 0,
      factor_delay_candles: head === null ? null : 0,
      overlay_delay_seconds: head === null ? null : 0,
      overlay_delay_candles: head === null ? null : 0,
      max_delay_seconds: head === null ? null : 0,
      max_delay_candles: head === null ? null : 0,
      status: head === null ? "gray" : "green",
      status_reason: head === null ? "no_store_head" : "up_to_date",
    };
  },
  "/health/live": (market) => ({
    status: "ok",
    version: "0.0.0",
    demo: market.speed !== 1,
    market_now_ms: Math.round(market.nowMs()),
    market_speed: market.speed,
  }),
  "/health/ready": () => ({ status: "ready", checks: { storage: "ok", writer_queue: "ok" } }),
};

if (import.meta.filename === process.argv[1]) {
  const { values } = parseArgs({
    options: {
      port: { type: "string", default: "8000" },
      speed: { type: "string", default: "20" },
      bars: { type: "string", default: "6000" },
    },
  });
  const { url } = await startFakeServer({
    port: Number(values.port),
    speed: Number(values.speed),
    bars: Number(values.bars),
  });
  process.stdout.write(`fake server on ${url}\n`);
}
