/** What a person chose on this device, and what follows from it on this page. */
import { browserLocale, LOCALES, type Locale } from "../../i18n/locale";
import { oneOf, record, stored } from "../../ui/storage/stored";

export const THEMES = ["system", "dark", "light"] as const;
export const PALETTES = ["standard", "colour-blind"] as const;
export const DIRECTIONS = ["green-up", "red-up"] as const;
export const DENSITIES = ["auto", "compact", "comfortable"] as const;
export const NUMBER_STYLES = ["auto", "thousands", "myriads"] as const;

export interface Preferences {
  language: "auto" | Locale;
  theme: (typeof THEMES)[number];
  palette: (typeof PALETTES)[number];
  /** Null until chosen: then the language decides. */
  direction: (typeof DIRECTIONS)[number] | null;
  /** `local`, `utc`, `exchange` or an IANA name. */
  timeZone: string;
  numberStyle: (typeof NUMBER_STYLES)[number];
  density: (typeof DENSITIES)[number];
  singleKeys: boolean;
  /** Bars in the first view, 30 to 1000. */
  defaultBars: number;
}

export const BARS = { least: 30, most: 1000, standard: 150 } as const;

function defaults(): Preferences {
  return {
    language: "auto",
    theme: "system",
    palette: "standard",
    direction: null,
    timeZone: "local",
    numberStyle: "auto",
    density: "auto",
    singleKeys: true,
    defaultBars: BARS.standard,
  };
}

/** Takes what is valid and leaves the rest at its default: one bad field does not cost the others. */
export function parsePreferences(value: unknown): Preferences | undefined {
  const given = record(value);
  if (!given) return undefined;
  const base = defaults();
  return {
    language: oneOf(["auto", ...LOCALES], given.language) ?? base.language,
    theme: oneOf(THEMES, given.theme) ?? base.theme,
    palette: oneOf(PALETTES, given.palette) ?? base.palette,
    direction: oneOf(DIRECTIONS, given.direction) ?? base.direction,
    timeZone: typeof given.timeZone === "string" && isTimeZone(given.timeZone) ? given.timeZone : base.timeZone,
    numberStyle: oneOf(NUMBER_STYLES, given.numberStyle) ?? base.numberStyle,
    density: oneOf(DENSITIES, given.density) ?? base.density,
    singleKeys: typeof given.singleKeys === "boolean" ? given.singleKeys : base.singleKeys,
    defaultBars: clampBars(given.defaultBars) ?? base.defaultBars,
  };
}

export const preferences = stored<Preferences>("preferences", defaults, parsePreferences);

export function clampBars(value: unknown): number | undefined {
  if (typeof value !== "number" || !Number.isFinite(value)) return undefined;
  return Math.min(BARS.most, Math.max(BARS.least, Math.round(value)));
}

export function isTimeZone(name: string): boolean {
  if (name === "local" || name === "utc" || name === "exchange") return true;
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** Facts of the device that some preferences defer to. */
export interface Device {
  dark: boolean;
  /** Width of the page, CSS pixels. */
  width: number;
  locale: Locale;
  timeZone: string;
}

export interface Effective {
  locale: Locale;
  theme: "dark" | "light";
  palette: Preferences["palette"];
  direction: (typeof DIRECTIONS)[number];
  /** IANA name. */
  timeZone: string;
  density: "compact" | "comfortable";
  /** Language whose units large numbers take. */
  numberLocale: Locale;
}

/** Every choice resolved: nothing is "auto" any more. */
export function effective(chosen: Preferences, device: Device): Effective {
  const locale = chosen.language === "auto" ? device.locale : chosen.language;
  return {
    locale,
    theme: chosen.theme === "system" ? (device.dark ? "dark" : "light") : chosen.theme,
    palette: chosen.palette,
    direction: chosen.direction ?? (device.locale === "zh-CN" ? "red-up" : "green-up"),
    timeZone: zoneOf(chosen.timeZone, device),
    density: chosen.density === "auto" ? (device.width >= 1280 ? "compact" : "comfortable") : chosen.density,
    numberLocale: numberLocaleOf(chosen.numberStyle, locale),
  };
}

function zoneOf(choice: string, device: Device): string {
  if (choice === "local") return device.timeZone;
  // The exchange with a live source keeps its days in UTC.
  return choice === "utc" || choice === "exchange" ? "UTC" : choice;
}

function numberLocaleOf(style: Preferences["numberStyle"], locale: Locale): Locale {
  if (style === "auto") return locale;
  return style === "thousands" ? "en" : "zh-CN";
}

export function deviceNow(): Device {
  return {
    dark: matchMedia("(prefers-color-scheme: dark)").matches,
    width: innerWidth,
    locale: browserLocale(),
    timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
  };
}
