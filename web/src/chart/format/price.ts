/** Digits after the point that a market shows: the largest number seen in its prices, 0 to 8. */
export const MAX_PRECISION = 8;

const MINUS = "−";

/** Decimals of the shortest text of a number, at most `MAX_PRECISION`. */
export function decimalsOf(value: number): number {
  if (Number.isInteger(value)) return 0;
  const text = String(value);
  const exponentAt = text.indexOf("e");
  const mantissa = exponentAt < 0 ? text : text.slice(0, exponentAt);
  const exponent = exponentAt < 0 ? 0 : Number(text.slice(exponentAt + 1));
  const point = mantissa.indexOf(".");
  const digits = point < 0 ? 0 : mantissa.length - point - 1;
  return Math.min(MAX_PRECISION, Math.max(0, digits - exponent));
}

export interface Prices {
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
}

/** Precision after these bars; it never gets smaller. */
export function growPrecision(precision: number, bars: Iterable<Prices>): number {
  let digits = precision;
  for (const bar of bars) {
    if (digits >= MAX_PRECISION) return MAX_PRECISION;
    digits = Math.max(digits, decimalsOf(bar.open), decimalsOf(bar.high), decimalsOf(bar.low), decimalsOf(bar.close));
  }
  return digits;
}

/** A price without grouping, with the digits of its market. */
export function formatPrice(value: number, precision: number): string {
  return withMinus(value.toFixed(precision));
}

/** A difference of prices; the sign is always there. */
export function formatChange(value: number, precision: number): string {
  return withSign(value.toFixed(precision));
}

/** Percent with two decimals; the sign is always there. */
export function formatPercent(value: number): string {
  return `${withSign(value.toFixed(2))}%`;
}

function withSign(text: string): string {
  if (/^-?0(\.0+)?$/.test(text)) return text.replace("-", "");
  return text.startsWith("-") ? withMinus(text) : `+${text}`;
}

function withMinus(text: string): string {
  if (/^-0(\.0+)?$/.test(text)) return text.slice(1);
  return text.replace("-", MINUS);
}
