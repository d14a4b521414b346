interface Unit {
  readonly size: number;
  readonly suffix: string;
}

const WESTERN: readonly Unit[] = [
  { size: 1e12, suffix: "T" },
  { size: 1e9, suffix: "B" },
  { size: 1e6, suffix: "M" },
  { size: 1e3, suffix: "K" },
];

const CHINESE: readonly Unit[] = [
  { size: 1e12, suffix: "万亿" },
  { size: 1e8, suffix: "亿" },
  { size: 1e4, suffix: "万" },
];

/** Volume in the units of the language: `12.3K 4.5M 1.2B`, `1.2万 3.4亿`. */
export function formatVolume(value: number, locale: string): string {
  const units = locale.startsWith("zh") ? CHINESE : WESTERN;
  for (let at = 0; at < units.length; at += 1) {
    const unit = units[at];
    if (!unit || value < unit.size) continue;
    const text = (value / unit.size).toFixed(1);
    const larger = units[at - 1];
    // 999.96K rounds to 1000.0K, which is 1.0M.
    if (larger && Number(text) * unit.size >= larger.size) return `${(value / larger.size).toFixed(1)}${larger.suffix}`;
    return `${text}${unit.suffix}`;
  }
  return small(value);
}

function small(value: number): string {
  if (value === 0 || value >= 100) return value.toFixed(0);
  return value >= 1 ? value.toFixed(1) : String(Number(value.toPrecision(2)));
}
