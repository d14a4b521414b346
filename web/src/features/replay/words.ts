import type { MessageKey, PlainKey, Translate } from "../../i18n/catalogue";
import { en } from "../../i18n/en";

/** Features of the chart that show a kind of moment; a kind that this page does not know has its own name. */
export function featuresOf(kind: string): readonly string[] {
  return FEATURES[kind] ?? [kind];
}

const FEATURES: Readonly<Record<string, readonly string[]>> = {
  "zhongshu.formed": ["zhongshu.alive"],
  "anchor.switch": ["anchor.switch", "anchor.current"],
  "sr.snapshot": ["sr.active"],
};

/** Name of a kind of moment; a kind that this page does not know keeps its own. */
export function kindName(kind: string, t: Translate): string {
  const key = `replay.kind.${kind}`;
  return key in en ? t(key as MessageKey as PlainKey) : kind;
}
