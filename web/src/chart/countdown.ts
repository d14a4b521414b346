import { formatCountdown } from "./format/duration";

const NOT_LIVE = "–";
/** A close may take this long to arrive before the count counts as wrong, wall seconds. */
const GRACE_SECONDS = 3;

export interface CountdownInput {
  /** Market clock, milliseconds; null while unknown. */
  readonly marketNowMs: number | null;
  /** Market seconds per wall second. */
  readonly speed: number;
  /** The stream is open. */
  readonly live: boolean;
  /** Open time of the newest bar, seconds. */
  readonly newestTime: number;
  readonly forming: boolean;
  /** Timeframe, seconds. */
  readonly timeframe: number;
}

/** Time until the bar in the making closes; a dash when that cannot be said honestly. */
export function countdownText(input: CountdownInput): string {
  const { marketNowMs, speed, live, newestTime, forming, timeframe } = input;
  if (!live || marketNowMs === null) return NOT_LIVE;
  const closesAt = newestTime + (forming ? timeframe : 2 * timeframe);
  const left = closesAt - marketNowMs / 1000;
  return left < -GRACE_SECONDS * speed || left > timeframe ? NOT_LIVE : formatCountdown(left);
}
