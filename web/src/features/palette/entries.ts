/** What the palette offers and in which order. */

import type { Chord } from "../../ui/commands/chord";
import { rank } from "../../ui/commands/fuzzy";

export type EntryKind = "commands" | "symbols" | "timeframes" | "factors" | "settings";

export interface Entry {
  id: string;
  kind: EntryKind;
  title: string;
  /** A second line of sense: market of a symbol, value of a setting. */
  note?: string;
  keys?: Chord | undefined;
  run: () => void;
}

export interface Section {
  kind: EntryKind | "recent";
  entries: readonly (Entry & { at: readonly number[] })[];
}

const ORDER: readonly EntryKind[] = ["commands", "symbols", "timeframes", "factors", "settings"];
const LIMIT = 60;

/** `@` narrows to symbols and `#` to timeframes; without a query the recent ones come first. */
export function sections(all: readonly Entry[], typed: string, recent: readonly string[]): Section[] {
  const prefix = typed.trimStart()[0];
  const narrow: EntryKind | null = prefix === "@" ? "symbols" : prefix === "#" ? "timeframes" : null;
  const query = narrow ? typed.trimStart().slice(1).trim() : typed.trim();
  const pool = narrow ? all.filter((entry) => entry.kind === narrow) : all;
  if (query === "" && !narrow) return unasked(pool, recent);
  const found = rank(query, pool, (entry) => entry.title, LIMIT).map(({ item, match }) => ({ ...item, at: match.at }));
  const kinds = [...ORDER].sort((a, b) => best(found, a) - best(found, b));
  return kinds
    .map((kind) => ({ kind, entries: found.filter((entry) => entry.kind === kind) }))
    .filter((section) => section.entries.length > 0);
}

/** Position of the best hit of a kind: the group that holds it comes first. */
function best(found: readonly Entry[], kind: EntryKind): number {
  const at = found.findIndex((entry) => entry.kind === kind);
  return at < 0 ? Number.MAX_SAFE_INTEGER : at;
}

function unasked(all: readonly Entry[], recent: readonly string[]): Section[] {
  const plain = (entry: Entry) => ({ ...entry, at: [] });
  const byId = new Map(all.map((entry) => [entry.id, entry]));
  const used = recent.flatMap((id) => byId.get(id) ?? []).slice(0, 5);
  const rest = all.filter((entry) => entry.kind === "commands" && !used.includes(entry));
  return [
    { kind: "recent" as const, entries: used.map(plain) },
    { kind: "commands" as const, entries: rest.map(plain) },
  ].filter((section) => section.entries.length > 0);
}
