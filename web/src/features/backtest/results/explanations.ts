/** What figures mean, in both languages: read with the results, not with the page. */
import { metrics as en } from "../../../i18n/en/metrics";
import type { Locale } from "../../../i18n/locale";
import { metrics as zhCN } from "../../../i18n/zh-CN/metrics";

export interface Explanation {
  readonly name: string;
  /** One sentence. */
  readonly about: string;
  /** What to make of it. */
  readonly read: string;
}

const CATALOGUES: Readonly<Record<Locale, Readonly<Record<string, readonly [string, string, string]>>>> = {
  en,
  "zh-CN": zhCN,
};

export function explanationOf(key: string, locale: Locale): Explanation {
  const [name, about, read] = CATALOGUES[locale][key] ?? [key, "", ""];
  return { name, about, read };
}
