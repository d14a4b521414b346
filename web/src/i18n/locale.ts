import type { Catalogue, Translate } from "./catalogue";
import { en } from "./en";
import { format, type Value } from "./message";
import { zhCN } from "./zh-CN";

export const LOCALES = ["en", "zh-CN"] as const;
export type Locale = (typeof LOCALES)[number];

export const catalogues: Readonly<Record<Locale, Catalogue>> = { en, "zh-CN": zhCN };

/** The language of the browser as far as there is a catalogue for it. */
export function browserLocale(languages: readonly string[] = globalThis.navigator?.languages ?? []): Locale {
  for (const language of languages) {
    if (/^zh\b/i.test(language)) return "zh-CN";
    if (/^en\b/i.test(language)) return "en";
  }
  return "en";
}

const translators = new Map<Locale, Translate>();

/** The translate function of a language; the same one every time. */
export function translator(locale: Locale): Translate {
  const known = translators.get(locale);
  if (known) return known;
  const catalogue = catalogues[locale];
  const translate = ((key: keyof Catalogue, values?: Readonly<Record<string, Value>>) =>
    values ? format(catalogue[key], locale, values) : catalogue[key]) as Translate;
  translators.set(locale, translate);
  return translate;
}
