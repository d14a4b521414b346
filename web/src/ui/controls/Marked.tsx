/** Text with the characters that a search matched. */
export function Marked({ text, at }: { text: string; at: readonly number[] }) {
  const marked = new Set(at);
  return [...text].map((character, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: characters have no other identity.
    <span key={index} className={marked.has(index) ? "font-semibold text-accent" : ""}>
      {character}
    </span>
  ));
}
