/** One word for the state of everything; the worst wins. Pure: times come in as arguments. */
import type { ConnectionState } from "../../api/socket";
import type { FactorHealth } from "../../api/types";
import type { DrawingsState } from "../../chart/types";

export type HealthWord = "live" | "catching_up" | "quiet" | "delayed" | "no_data" | "reconnecting" | "offline";

export interface HealthFacts {
  /** Wall clock, milliseconds. */
  nowMs: number;
  connection: ConnectionState;
  /** Null: not asked yet. */
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
}

/** Wall milliseconds a socket may be down before it is mentioned. */
const SHOWN_AFTER_MS = 1_000;
const OFFLINE_AFTER_MS = 30_000;
/** Frames of a busy series come at least this often; three of them missing is quiet. */
const QUIET_AFTER_MS = 15_000;

const plain = (word: HealthWord): Health => ({ word, delaySeconds: null });

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

/** The age of the last bar decides: two bars late is late. */
function candleHealth(facts: HealthFacts): Health | null {
  if (facts.loading) return plain("catching_up");
  if (facts.empty) return plain("no_data");
  const missing = missingSeconds(facts);
  return missing >= 2 * facts.timeframeSeconds ? { word: "delayed", delaySeconds: missing } : null;
}

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
