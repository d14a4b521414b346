import { createContext, use } from "react";
import type { Translate } from "./catalogue";
import { type Locale, translator } from "./locale";

/** The language in use. The provider is rendered by the application; there is no second source. */
export const LocaleContext = createContext<Locale>("en");

export function useLocale(): Locale {
  return use(LocaleContext);
}

/** The translate function of the language in use. */
export function useT(): Translate {
  return translator(use(LocaleContext));
}
