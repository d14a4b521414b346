/**
 * Fuzzy matching for the palette and the symbol search: every character of the query in order,
 * better when they stand together, at word starts, and early.
 */

export interface Match {
  score: number;
  /** Indexes of the matched characters, for highlighting. */
  at: number[];
}

export function fuzzy(query: string, text: string): Match | undefined {
  const needle = query.toLocaleLowerCase().replaceAll(/\s+/g, "");
  if (needle === "") return { score: 0, at: [] };
  const hay = text.toLocaleLowerCase();
  const whole = hay.indexOf(query.toLocaleLowerCase().trim());
  if (whole >= 0) {
    const at = Array.from({ length: query.trim().length }, (_, index) => whole + index);
    return { score: 1000 - whole * 2 - hay.length * 0.5 + (isWordStart(text, whole) ? 200 : 0), at };
  }
  return scattered(needle, hay, text);
}

function scattered(needle: string, hay: string, text: string): Match | undefined {
  const at: number[] = [];
  let score = 0;
  let from = 0;
  for (const character of needle) {
    const found = hay.indexOf(character, from);
    if (found < 0) return undefined;
    score += found === from && from > 0 ? 12 : isWordStart(text, found) ? 9 : 1 - Math.min(8, found - from) * 0.2;
    at.push(found);
    from = found + 1;
  }
  return { score: score - hay.length * 0.1, at };
}

function isWordStart(text: string, index: number): boolean {
  return index === 0 || /[\s/:.\-_(]/.test(text[index - 1] ?? "");
}

/** The best `limit` of `items`, best first; equal scores keep their order. */
export function rank<T>(query: string, items: readonly T[], text: (item: T) => string, limit: number) {
  const found: { item: T; match: Match; order: number }[] = [];
  items.forEach((item, order) => {
    const match = fuzzy(query, text(item));
    if (match) found.push({ item, match, order });
  });
  found.sort((a, b) => b.match.score - a.match.score || a.order - b.order);
  return found.slice(0, limit);
}
