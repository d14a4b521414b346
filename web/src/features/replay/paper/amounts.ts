/** Money and quantities in words; prices, percents and times are written by the chart's formats. */

const MINUS = "−";
const MOST_DIGITS = 8;

export interface Amounts {
  /** `9,950.20`. */
  money(value: number): string;
  /** A result: the sign is always there, `+12.50`. */
  result(value: number): string;
}

/** Two decimals for an account of a thousand or more, one more for every ten times smaller one. */
export function amountsOf(cash: number): Amounts {
  const digits = Math.min(MOST_DIGITS, Math.max(2, 5 - Math.floor(Math.log10(cash))));
  const format = new Intl.NumberFormat("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
  const money = (value: number) => {
    const text = format.format(Math.abs(value));
    return value < 0 && /[1-9]/.test(text) ? `${MINUS}${text}` : text;
  };
  return { money, result: (value) => (value > 0 && /[1-9]/.test(money(value)) ? `+${money(value)}` : money(value)) };
}

/** A quantity with the decimals it has; in a column, with those of the longest, so that the points line up. */
export function quantityText(value: number, column: readonly number[] = [value]): string {
  const digits = column.reduce((most, quantity) => Math.max(most, digitsOf(quantity)), 0);
  return new Intl.NumberFormat("en", { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);
}

function digitsOf(quantity: number): number {
  const text = quantity.toFixed(MOST_DIGITS).replace(/0+$/, "");
  return text.length - text.indexOf(".") - 1;
}

/** Colour of a result; its sign says the same. */
export function toneOf(result: number): string {
  return result === 0 ? "" : result > 0 ? "text-up" : "text-down";
}
