/** Failures in the language of the reader. */
import type { PlainKey, Translate } from "../../i18n/catalogue";
import { en } from "../../i18n/en";

/** What a code means; the server's English sentence where the page has none of its own. */
export function failureText({ code, message }: { code: string; message: string }, t: Translate): string {
  const key = `failure.${code}`;
  return isKnown(key) ? t(key) : message;
}

function isKnown(key: string): key is PlainKey {
  return Object.hasOwn(en, key);
}

/** What a structured detail adds: reasons and output, in the words of the server. */
export function failureReasons(detail: string): readonly string[] {
  let found: unknown;
  try {
    found = JSON.parse(detail);
  } catch {
    return [];
  }
  if (typeof found !== "object" || found === null) return [];
  const given: Readonly<Record<string, unknown>> = { ...found };
  return ["value", "name", "reason", "field", "hint", "error", "stderr"].flatMap((name) => {
    const text = given[name];
    return typeof text === "string" && text.trim() !== "" ? [text.trim()] : [];
  });
}
