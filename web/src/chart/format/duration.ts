interface Part {
  readonly seconds: number;
  readonly en: string;
  readonly zh: string;
}

const PARTS: readonly Part[] = [
  { seconds: 86_400, en: "d", zh: "天" },
  { seconds: 3_600, en: "h", zh: "小时" },
  { seconds: 60, en: "m", zh: "分" },
  { seconds: 1, en: "s", zh: "秒" },
];

/** A duration in its two largest units: `20 h 40 m`, `20小时40分`. */
export function formatDuration(seconds: number, locale: string): string {
  const chinese = locale.startsWith("zh");
  const word = (count: number, part: Part) => (chinese ? `${count}${part.zh}` : `${count} ${part.en}`);
  const total = Math.max(0, Math.round(seconds));
  const at = PARTS.findIndex((part) => total >= part.seconds);
  const largest = PARTS[at];
  if (!largest) return chinese ? "0秒" : "0 s";
  const count = Math.floor(total / largest.seconds);
  const next = PARTS[at + 1];
  const rest = next ? Math.floor((total - count * largest.seconds) / next.seconds) : 0;
  if (!next || rest === 0) return word(count, largest);
  return chinese ? `${word(count, largest)}${word(rest, next)}` : `${word(count, largest)} ${word(rest, next)}`;
}

/** Time to the close: `m:ss`, `h:mm:ss` from an hour. Never negative. */
export function formatCountdown(seconds: number): string {
  const total = Math.max(0, Math.floor(seconds));
  const two = (value: number) => String(value).padStart(2, "0");
  const hours = Math.floor(total / 3_600);
  const minutes = Math.floor((total % 3_600) / 60);
  const rest = two(total % 60);
  return hours > 0 ? `${hours}:${two(minutes)}:${rest}` : `${minutes}:${rest}`;
}
