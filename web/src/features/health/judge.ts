/** One word for the state of everything; the worst wins. Pure: times come in as arguments. */
import type { ConnectionState } from "../../api/link";
import type { FactorHealth, MarketHealth } from "../../api/types";
import type { DrawingsState } from "../../chart/types";

export type HealthWord = "live" | "catching_up" | "quiet" | "delayed" | "no_data" | "reconnecting" | "offline";

export interface HealthFacts {
  /** Wall clock, milliseconds. */
  nowMs: number;
  connection: ConnectionState;
  /** What the server says of the candles; null: not known at the moment, or switched off. */
  market: MarketHealth | null;
  /** The server does not watch its candles. */
  marketOff: boolean;
  /** Null: not known at the moment. */
  factors: FactorHealth | null;
  drawings: DrawingsState | null;
  /** The chart shows no candle and is not loading. */
  empty: boolean;
  loading: boolean;
  /** Wall clock of the newest frame of the series; null: none yet. */
  lastFrameMs: number | null;
  /** When the series was opened, wall clock. */
  openedMs: number;
  /** Newest closed candle on the chart, seconds. */
  lastTime: number | null;
  timeframeSeconds: number;
  /** Market clock; null until known. */
  marketNowMs: number | null;
  /** Market seconds per wall second. */
  speed: number;
}

export interface Health {
  word: HealthWord;
  /** For `delayed`: seconds behind. */
  delaySeconds: number | null;
  /** For `catching_up`: how far a backfill is, 0 to 100. */
  percent: number | null;
}

/** Wall milliseconds a socket may be down before it is mentioned. */
const SHOWN_AFTER_MS = 1_000;
const OFFLINE_AFTER_MS = 30_000;
/** Frames of a busy series come at least this often; three of them missing is quiet. */
const QUIET_AFTER_MS = 15_000;
/** Wall seconds that a candle which has just closed is on its way before it counts as missing. */
const ARRIVAL_SECONDS = 5;

const plain = (word: HealthWord): Health => ({ word, delaySeconds: null, percent: null });

export function judge(facts: HealthFacts): Health {
  return connectionHealth(facts) ?? candleHealth(facts) ?? derivedHealth(facts) ?? silence(facts);
}

function connectionHealth({ connection, nowMs }: HealthFacts): Health | null {
  if (connection.status === "offline") return plain("offline");
  if (connection.downSinceMs === null) return null;
  const downMs = nowMs - connection.downSinceMs;
  if (downMs >= OFFLINE_AFTER_MS) return plain("offline");
  return downMs >= SHOWN_AFTER_MS ? plain("reconnecting") : null;
}

/** The server decides; where it says nothing, the age of the last bar does: two bars late is late. */
function candleHealth(facts: HealthFacts): Health | null {
  if (facts.loading) return plain("catching_up");
  if (facts.empty) return plain("no_data");
  if (facts.market !== null) return marketHealth(facts.market, facts);
  const missing = missingSeconds(facts);
  return missing >= 2 * facts.timeframeSeconds ? delayed(missing) : null;
}

function marketHealth(market: MarketHealth, facts: HealthFacts): Health | null {
  if (market.status_reason === "missing_head") return plain("no_data");
  if (market.status === "yellow" && market.status_reason !== "head_ahead_of_closed_window") {
    const running = market.backfill.state === "running";
    return { ...plain("catching_up"), percent: running ? market.backfill.progress_pct : null };
  }
  return market.status === "red" && !isArriving(market, facts) ? delayed(market.missing_seconds ?? 0) : null;
}

/** The newest candle reached this page since the server looked, or has only just closed. */
function isArriving(market: MarketHealth, { lastTime, speed }: HealthFacts): boolean {
  const { expected_latest_closed_time: expected, timeframe_seconds, missing_candles, now_time } = market;
  if (lastTime !== null && lastTime >= expected) return true;
  return missing_candles === 1 && now_time - (expected + timeframe_seconds) < ARRIVAL_SECONDS * Math.max(1, speed);
}

const delayed = (delaySeconds: number): Health => ({ word: "delayed", delaySeconds, percent: null });

/** Seconds from the newest closed candle to the one that should be there by now; 0 while that is unknown. */
export function missingSeconds({ lastTime, marketNowMs, timeframeSeconds }: HealthFacts): number {
  if (lastTime === null || marketNowMs === null) return 0;
  const expected = Math.floor(marketNowMs / 1_000 / timeframeSeconds) * timeframeSeconds - timeframeSeconds;
  return Math.max(0, expected - lastTime);
}

function derivedHealth({ factors, drawings }: HealthFacts): Health | null {
  if (drawings !== null && (drawings.status === "retry" || drawings.status === "out_of_sync"))
    return plain("catching_up");
  return factors !== null && (factors.status === "yellow" || factors.status === "red") ? plain("catching_up") : null;
}

function silence({ lastFrameMs, openedMs, nowMs }: HealthFacts): Health {
  return nowMs - (lastFrameMs ?? openedMs) > QUIET_AFTER_MS ? plain("quiet") : plain("live");
}
