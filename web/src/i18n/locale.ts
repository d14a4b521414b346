import type { Catalogue, Translate } from "./catalogue";
import { en } from "./en";
import { format, type Value } from "./message";

export const LOCALES = ["en", "zh-CN"] as const;
export type Locale = (typeof LOCALES)[number];

/** English comes with the page; another language is fetched before its first use. */
const loaded = new Map<Locale, Catalogue>([["en", en]]);
const listeners = new Set<() => void>();

export function isLoaded(locale: Locale): boolean {
  return loaded.has(locale);
}

/** Fetches the texts of a language; rejects when they cannot be had. */
export async function loadLocale(locale: Locale): Promise<void> {
  if (loaded.has(locale)) return;
  const { zhCN } = await import("./zh-CN");
  loaded.set("zh-CN", zhCN);
  for (const listener of listeners) listener();
}

/** Called when another language can be used. */
export function onLoaded(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The language of the browser as far as there is a catalogue for it. */
export function browserLocale(languages: readonly string[] = globalThis.navigator?.languages ?? []): Locale {
  for (const language of languages) {
    if (/^zh\b/i.test(language)) return "zh-CN";
    if (/^en\b/i.test(language)) return "en";
  }
  return "en";
}

const translators = new Map<Locale, Translate>();

/** The translate function of a loaded language; the same one every time. */
export function translator(locale: Locale): Translate {
  const known = translators.get(locale);
  if (known) return known;
  const catalogue = loaded.get(locale);
  if (!catalogue) return translator("en");
  const translate = ((key: keyof Catalogue, values?: Readonly<Record<string, Value>>) =>
    values ? format(catalogue[key], locale, values) : catalogue[key]) as Translate;
  translators.set(locale, translate);
  return translate;
}
