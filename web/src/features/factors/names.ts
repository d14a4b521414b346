import type { PlainKey, Translate } from "../../i18n/catalogue";
import { en } from "../../i18n/en";

/** Name of a factor or feature in the chosen language; the catalogue's label where there is none. */
export function factorName(key: string, label: string, t: Translate): string {
  const message = `factors.${key}`;
  return isKnown(message) ? t(message) : label;
}

/** One sentence on what a feature is; empty for those the client does not know. */
export function factorHint(key: string, t: Translate): string {
  const message = `factors.hint.${key}`;
  return isKnown(message) ? t(message) : "";
}

function isKnown(message: string): message is PlainKey {
  return Object.hasOwn(en, message);
}
