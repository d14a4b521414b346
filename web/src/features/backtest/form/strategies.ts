/** Built-in strategies in the language of the reader; what has no words there keeps those of the server. */
import type { StrategyList, StrategySpec } from "../../../api/backtest-types";
import type { Locale } from "../../../i18n/locale";
import { strategies as zhCN } from "../../../i18n/zh-CN/strategies";

const WORDS: Readonly<Record<Locale, typeof zhCN>> = { en: {}, "zh-CN": zhCN };
const known = new WeakMap<StrategyList, Map<Locale, StrategyList>>();

/** The same answer for the same list, so that what is drawn of it is not drawn anew. */
export function listIn(list: StrategyList, locale: Locale): StrategyList {
  const made = known.get(list) ?? new Map<Locale, StrategyList>();
  known.set(list, made);
  const found = made.get(locale) ?? { ...list, specs: list.specs.map((spec) => specIn(spec, locale)) };
  made.set(locale, found);
  return found;
}

function specIn(spec: StrategySpec, locale: Locale): StrategySpec {
  const words = WORDS[locale][spec.name];
  if (!words) return spec;
  const params = spec.params.map((param) => {
    const [label, description] = words.params[param.name] ?? [param.label, param.description];
    return { ...param, label, description };
  });
  return { ...spec, label: words.label, description: words.description, params };
}
