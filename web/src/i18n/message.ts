/**
 * Messages with arguments, in the small part of ICU that the catalogues use:
 * `{name}` and `{name, plural, one {# bar} other {# bars}}`. A plural branch starts with `#`.
 */

/** Names of the arguments that a message asks for, read from its text. */
export type ArgumentsOf<Text extends string> = Text extends `${string}{${infer Inner}}${infer Rest}`
  ? NameOf<Inner> | ArgumentsOf<Rest>
  : never;

type NameOf<Inner extends string> = Inner extends `#${string}`
  ? never
  : Inner extends `${infer Name},${string}`
    ? Name
    : Inner;

export type Value = string | number;

/** Puts `values` into `text`. An argument that is missing stays visible as `{name}`. */
export function format(text: string, locale: string, values: Readonly<Record<string, Value>>): string {
  let out = "";
  let at = 0;
  while (at < text.length) {
    const open = text.indexOf("{", at);
    if (open < 0) return out + text.slice(at);
    const close = closing(text, open);
    out += text.slice(at, open) + argument(text.slice(open + 1, close), locale, values);
    at = close + 1;
  }
  return out;
}

function argument(inner: string, locale: string, values: Readonly<Record<string, Value>>): string {
  const comma = inner.indexOf(",");
  const name = (comma < 0 ? inner : inner.slice(0, comma)).trim();
  const value = values[name];
  if (value === undefined) return `{${name}}`;
  if (comma < 0) return String(value);
  const branches = inner.slice(inner.indexOf(",", comma + 1) + 1);
  return branch(branches, Number(value), locale).replaceAll("#", String(value));
}

function branch(branches: string, count: number, locale: string): string {
  const found = new Map<string, string>();
  let at = 0;
  while (true) {
    const open = branches.indexOf("{", at);
    if (open < 0) break;
    const close = closing(branches, open);
    found.set(branches.slice(at, open).trim(), branches.slice(open + 1, close));
    at = close + 1;
  }
  const category = new Intl.PluralRules(locale).select(count);
  return found.get(`=${count}`) ?? found.get(category) ?? found.get("other") ?? "";
}

/** Index of the brace that closes the one at `open`; the end of the text if none does. */
function closing(text: string, open: number): number {
  let depth = 0;
  for (let index = open; index < text.length; index += 1) {
    if (text[index] === "{") depth += 1;
    if (text[index] === "}") {
      depth -= 1;
      if (depth === 0) return index;
    }
  }
  return text.length;
}
