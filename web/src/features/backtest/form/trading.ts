/** What is traded with: the fields of the form, the values they come to, and what is wrong with them. */
import type { RoiTable, Trading } from "../../../api/backtest-types";
import { record } from "../../../ui/storage/stored";

/** As it was typed, by name; a switch is `true` or `false`. */
export type TradingTexts = Readonly<Partial<Record<TradingName, string>>>;

export const TRADING = [
  ...(["dry_run_wallet", "stake_amount", "max_open_trades", "tradable_balance_ratio", "fee", "leverage"] as const),
  ...(["stoploss", "minimal_roi"] as const),
  ...(["trailing_stop", "trailing_stop_positive", "trailing_stop_positive_offset"] as const),
  ...(["trailing_only_offset_is_reached", "use_exit_signal", "exit_profit_only", "exit_profit_offset"] as const),
  "ignore_roi_if_entry_signal",
] as const;
export type TradingName = (typeof TRADING)[number];

/** Why a value cannot be used: what it may be, by its name, or how two values contradict each other. */
export type TradingProblem =
  | { readonly kind: "trading"; readonly name: Exclude<TradingName, SwitchName> }
  | { readonly kind: "trading.wallet" | "trading.offset" };

const SWITCHES = [
  ...(["trailing_stop", "trailing_only_offset_is_reached", "use_exit_signal", "exit_profit_only"] as const),
  "ignore_roi_if_entry_signal",
] as const;
export type SwitchName = (typeof SWITCHES)[number];

export function isSwitch(name: TradingName): name is SwitchName {
  return SWITCHES.some((one) => one === name);
}

/** Fields that count only while a switch is on. */
const COUNTS_WITH: Partial<Record<TradingName, SwitchName>> = {
  trailing_stop_positive: "trailing_stop",
  trailing_stop_positive_offset: "trailing_stop",
  trailing_only_offset_is_reached: "trailing_stop",
  exit_profit_only: "use_exit_signal",
  exit_profit_offset: "exit_profit_only",
};

const FITS: Record<Exclude<TradingName, SwitchName | "stake_amount" | "minimal_roi">, (value: number) => boolean> = {
  dry_run_wallet: (value) => value > 0,
  max_open_trades: Number.isInteger,
  tradable_balance_ratio: (value) => value > 0 && value <= 1,
  fee: (value) => value >= 0 && value < 1,
  leverage: (value) => value >= 1,
  stoploss: (value) => value >= -1 && value < 0,
  trailing_stop_positive: (value) => value > 0 && value <= 1,
  trailing_stop_positive_offset: (value) => value >= 0,
  exit_profit_offset: () => true,
};

/** A kept form; what is not ours in it is left out. */
export function readTradingTexts(value: unknown): TradingTexts {
  const given = record(value) ?? {};
  return Object.fromEntries(TRADING.flatMap((name) => (typeof given[name] === "string" ? [[name, given[name]]] : [])));
}

/** Whether a switch is on: as it was chosen, else as the server has it. */
export function isOn(texts: TradingTexts, defaults: Trading, name: SwitchName): boolean {
  return texts[name] === undefined ? defaults[name] === true : texts[name] === "true";
}

/** The fields that count, in order. Leverage is told by the server where there is one. */
export function tradingFields(texts: TradingTexts, defaults: Trading): readonly TradingName[] {
  const counts = (name: TradingName): boolean => {
    const by = COUNTS_WITH[name];
    return by === undefined || (isOn(texts, defaults, by) && counts(by));
  };
  return TRADING.filter((name) => (name !== "leverage" || "leverage" in defaults) && counts(name));
}

/** What is typed and differs from what the server has anyway, or what stands in its way. */
export function checkTrading(
  texts: TradingTexts,
  defaults: Trading,
): { trading: Trading; problems: ReadonlyMap<TradingName, TradingProblem> } {
  const trading: Record<string, Trading[string]> = {};
  const problems = new Map<TradingName, TradingProblem>();
  for (const name of tradingFields(texts, defaults)) {
    const text = texts[name]?.trim() ?? "";
    if (text === "") continue;
    const value = isSwitch(name) ? text === "true" : readValue(name, text);
    if (value === null) problems.set(name, { kind: "trading", name: name as Exclude<TradingName, SwitchName> });
    else trading[name] = value;
  }
  contradict({ ...defaults, ...trading }, trading, (name, kind) => {
    if (!problems.has(name)) problems.set(name, { kind });
  });
  return { trading, problems };
}

/** Values that are possible each, and make no sense together: the server refuses them as well. */
function contradict(
  all: Trading,
  typed: Trading,
  refuse: (name: TradingName, kind: "trading.wallet" | "trading.offset") => void,
): void {
  const { dry_run_wallet: wallet, tradable_balance_ratio: share, stake_amount: stake } = all;
  const some = (...names: TradingName[]) => names.some((name) => name in typed);
  if (typeof stake === "number" && typeof wallet === "number" && typeof share === "number" && stake > wallet * share) {
    if (some("stake_amount", "dry_run_wallet", "tradable_balance_ratio")) refuse("stake_amount", "trading.wallet");
  }
  if (all.trailing_stop !== true) return;
  const { trailing_stop_positive: distance, trailing_stop_positive_offset: offset } = all;
  if (typeof offset !== "number") return;
  const low = offset <= 0 && all.trailing_only_offset_is_reached === true;
  const close = offset > 0 && typeof distance === "number" && offset <= distance;
  const touched = some("trailing_stop", "trailing_stop_positive", "trailing_stop_positive_offset");
  if ((low || close) && (touched || some("trailing_only_offset_is_reached")))
    refuse("trailing_stop_positive_offset", "trading.offset");
}

function readValue(name: Exclude<TradingName, SwitchName>, text: string): number | string | RoiTable | null {
  if (name === "minimal_roi") return readRoi(text);
  if (name === "stake_amount") {
    if (text.toLowerCase() === UNLIMITED) return UNLIMITED;
    const stake = numberOf(text);
    return stake !== null && stake > 0 ? stake : null;
  }
  const value = numberOf(text);
  return value !== null && FITS[name](value) ? value : null;
}

const UNLIMITED = "unlimited";
const NEVER = "none";

/** `0: 0.05, 30: 0.01`, or `none`. */
function readRoi(text: string): RoiTable | null {
  if (text.toLowerCase() === NEVER) return {};
  const steps = text.split(",").map((step) => step.split(":").map((part) => part.trim()));
  const table: Record<string, number> = {};
  for (const [minutes = "", profit = "", ...more] of steps) {
    const value = numberOf(profit);
    if (!/^\d{1,9}$/.test(minutes) || value === null || more.length > 0) return null;
    table[String(Number(minutes))] = value;
  }
  return table;
}

/** A value as it is typed. */
export function tradingText(value: Trading[string]): string {
  if (typeof value !== "object") return String(value);
  const steps = Object.entries(value).map(([minutes, profit]) => `${minutes}: ${profit}`);
  return steps.length === 0 ? NEVER : steps.join(", ");
}

/** A run's values as texts of the form; names that the form does not have are left out. */
export function tradingTexts(trading: Trading): TradingTexts {
  const named = TRADING.flatMap((name) => {
    const value = trading[name];
    return value === undefined ? [] : [[name, tradingText(value)] as const];
  });
  return Object.fromEntries(named);
}

/** In a line: `leverage = 3, stoploss = -0.3`. */
export function tradingLine(trading: Trading): string {
  return Object.entries(trading)
    .map(([name, value]) => `${name} = ${typeof value === "object" ? `{${tradingText(value)}}` : value}`)
    .join(", ");
}

/** A number as people type it; null: it is none. */
export function numberOf(text: string): number | null {
  const trimmed = text.trim();
  const value = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(trimmed) ? Number(trimmed) : Number.NaN;
  return Number.isFinite(value) ? value : null;
}
