import type { Candle, MarketMessage } from "./types";

type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads one socket frame. Returns null for unknown types and for frames that break the contract: the stream is a hint,
 * what is lost here is fetched over HTTP.
 */
export function parseMarketMessage(text: string): MarketMessage | null {
  const fields = parseObject(text);
  if (fields === null) return null;
  const series_id = typeof fields.series_id === "string" ? fields.series_id : "";
  switch (fields.type) {
    case "candle_closed":
    case "candle_forming": {
      const candle = readCandle(fields.candle);
      return candle && series_id ? { type: fields.type, series_id, candle } : null;
    }
    case "candles_batch":
      return series_id ? readBatch(series_id, fields.candles) : null;
    case "gap": {
      const { expected_next_time, actual_time } = fields;
      if (!series_id || !isTime(expected_next_time) || !isTime(actual_time)) return null;
      return { type: "gap", series_id, expected_next_time, actual_time };
    }
    case "system":
      return series_id ? readSystem(series_id, fields) : null;
    case "draw_head": {
      const { to_candle_time, version_id, epoch } = fields;
      if (!series_id || !isTime(to_candle_time) || !isTime(version_id) || !isTime(epoch)) return null;
      return { type: "draw_head", series_id, to_candle_time, version_id, epoch };
    }
    case "error": {
      const code = typeof fields.code === "string" ? fields.code : "";
      const message = typeof fields.message === "string" ? fields.message : "";
      return series_id ? { type: "error", code, message, series_id } : { type: "error", code, message };
    }
    default:
      return null;
  }
}

/** A JSON object; null for anything else. */
export function parseObject(text: string): Fields | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : null;
  } catch {
    return null;
  }
}

function readBatch(series_id: string, value: unknown): MarketMessage | null {
  if (!Array.isArray(value)) return null;
  const candles: Candle[] = [];
  for (const item of value) {
    const candle = readCandle(item);
    if (candle) candles.push(candle);
  }
  return candles.length > 0 ? { type: "candles_batch", series_id, candles } : null;
}

function readSystem(series_id: string, fields: Fields): MarketMessage | null {
  if (typeof fields.event !== "string") return null;
  const data = typeof fields.data === "object" && fields.data !== null ? (fields.data as Fields) : {};
  const message = typeof fields.message === "string" ? fields.message : "";
  return { type: "system", series_id, event: fields.event, message, data };
}

/** A candle of six finite numbers; null for anything else. */
export function readCandle(value: unknown): Candle | null {
  if (typeof value !== "object" || value === null) return null;
  const { candle_time, open, high, low, close, volume } = value as Fields;
  if (!isTime(candle_time) || !isFiniteNumber(open) || !isFiniteNumber(high)) return null;
  if (!isFiniteNumber(low) || !isFiniteNumber(close) || !isFiniteNumber(volume)) return null;
  return { candle_time, open, high, low, close, volume };
}

export function isTime(value: unknown): value is number {
  return Number.isInteger(value);
}

function isFiniteNumber(value: unknown): value is number {
  return Number.isFinite(value);
}
