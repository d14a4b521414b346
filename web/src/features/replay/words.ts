import type { MessageKey, PlainKey, Translate } from "../../i18n/catalogue";
import { en } from "../../i18n/en";

/** Name of a kind of moment; a kind that this page does not know keeps its own. */
export function kindName(kind: string, t: Translate): string {
  const key = `replay.kind.${kind}`;
  return key in en ? t(key as MessageKey as PlainKey) : kind;
}
