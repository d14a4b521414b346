/** Outline icons on a 16 px grid, 1.5 px stroke, in the colour of the text around them. */
const PATHS = {
  search: "M7 12.5A5.5 5.5 0 1 0 7 1.5a5.5 5.5 0 0 0 0 11ZM11 11l3.5 3.5",
  settings:
    "M2 4.5h5.5M11 4.5h3M2 11.5h3M8.5 11.5H14M9.25 6.25a1.75 1.75 0 1 0 0-3.5 1.75 1.75 0 0 0 0 3.5ZM6.75 13.25a1.75 1.75 0 1 0 0-3.5 1.75 1.75 0 0 0 0 3.5Z",
  factors: "M1.5 11.5 5 5l3.5 5L14.5 3M5 5h.01M8.5 10h.01M1.5 14.5h13",
  inspector: "M2 3.5h6M2 7h4M2 10.5h4M10.2 12a3.2 3.2 0 1 0 0-6.4 3.2 3.2 0 0 0 0 6.4ZM12.6 11.2l2 2.3",
  pin: "M5.5 2h5M6.2 2v4.4L4 9h8L9.8 6.4V2M8 9v5",
  chevronDown: "m4 6 4 4 4-4",
  chevronUp: "m4 10 4-4 4 4",
  chevronRight: "m6 4 4 4-4 4",
  close: "m3.5 3.5 9 9M12.5 3.5l-9 9",
  check: "m3 8.5 3.5 3.5L13 4.5",
  dash: "M4 8h8",
  star: "m8 1.8 1.9 4 4.3.6-3.1 3 .8 4.4L8 11.7l-3.9 2.1.8-4.4-3.1-3 4.3-.6L8 1.8Z",
  pulse: "M1.5 8.5h3l2-5.5 3 10 2-4.5h3",
  play: "M5 3v10l8-5-8-5Z",
  replay: "M2.5 8a5.5 5.5 0 1 0 1.8-4.1M2.2 2v3h3M6.5 5.5v5l4-2.5-4-2.5Z",
  stepBack: "M12 3v10L5 8l7-5ZM3.5 3v10",
  stepForward: "M4 3v10l7-5-7-5ZM12.5 3v10",
  toStart: "m12.5 3.5-4.5 4.5 4.5 4.5M8 3.5 3.5 8 8 12.5M1.5 3v10",
  nextEvent: "M2.5 8h7M6.5 4.5 10 8l-3.5 3.5M13 2.5v11",
  previousEvent: "M13.5 8h-7M9.5 4.5 6 8l3.5 3.5M3 2.5v11",
  exit: "M6.5 2.5h-4v11h4M6.5 8h7M10.5 4.5 14 8l-3.5 3.5",
  lock: "M3.5 7h9v7h-9V7ZM5.5 7V4.5a2.5 2.5 0 0 1 5 0V7",
  info: "M8 14.5a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13ZM8 7.3V11M8 5h.01",
  markets: "M2 3.5h7M2 8h7M2 12.5h7M12.5 2v12M10.5 5h4v6h-4V5Z",
  data: "M2.5 4c0-1.4 2.5-2.2 5.5-2.2S13.5 2.6 13.5 4 11 6.2 8 6.2 2.5 5.4 2.5 4ZM2.5 4v8c0 1.4 2.5 2.2 5.5 2.2s5.5-.8 5.5-2.2V4M2.5 8c0 1.4 2.5 2.2 5.5 2.2s5.5-.8 5.5-2.2",
  log: "M2 3.5h1.5M6 3.5h8M2 8h1.5M6 8h8M2 12.5h1.5M6 12.5h5",
  pause: "M5.5 3.5v9M10.5 3.5v9",
  clock: "M8 14.5a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13ZM8 4.5V8l2.5 1.5",
  warn: "M8 2 14.5 13.5h-13L8 2ZM8 6.5v3.2M8 11.6v.2",
  error: "M5.3 1.5h5.4l3.8 3.8v5.4l-3.8 3.8H5.3l-3.8-3.8V5.3l3.8-3.8ZM8 4.8v3.7M8 11v.2",
  offline:
    "m2 2 12 12M4.4 5.1A8 8 0 0 0 1.5 7M14.5 7a8.6 8.6 0 0 0-6-2.6M4 9.6a5 5 0 0 1 3-1.5M12 9.6l-.7-.5M8 12.5h.01",
  sync: "M13.5 6.5A5.8 5.8 0 0 0 3 5M2.5 2v3.2h3.2M2.5 9.5A5.8 5.8 0 0 0 13 11M13.5 14v-3.2h-3.2",
  empty: "M2 14.5h12M4 11.5V9M8 11.5v-7M12 11.5V7",
  arrowRight: "M2.5 8h11M9 3.5 13.5 8 9 12.5",
  toEnd: "m3.5 3.5 4.5 4.5-4.5 4.5M8 3.5 12.5 8 8 12.5M14.5 3v10",
  menu: "M2 4h12M2 8h12M2 12h12",
  copy: "M5.5 5.5v-3h8v8h-3M2.5 5.5h8v8h-8v-8Z",
  command: "m3 4 4 4-4 4M8.5 12.5H13",
  keyboard: "M1.5 4h13v8.5h-13V4ZM4 6.7h.01M6.7 6.7h.01M9.3 6.7h.01M12 6.7h.01M5 9.8h6",
  external: "M6 3H2.5v10.5H13V10M9 2.5h4.5V7M13.3 2.7 7.5 8.5",
  orders: "M3.5 2h9v12h-9V2ZM6 5.5h4M6 8.5h4M6 11.5h2",
  calendar: "M2 4h12v10H2V4ZM2 7.2h12M5 2v3.5M11 2v3.5",
  table: "M2 3h12v10.5H2V3ZM2 6.5h12M2 10h12M6.5 6.5v7",
  speak: "M2 3h12v8.5H7.5L4 14.2v-2.7H2V3ZM5 6h6M5 8.6h4",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 16, className = "" }: { name: IconName; size?: number; className?: string }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth={size > 20 ? 1 : 1.5}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
      className={`shrink-0 ${className}`}
    >
      <path d={PATHS[name]} />
    </svg>
  );
}

/** The mark of the product: a pen through two pivots. */
export function Logo({ size = 20 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 20 20" fill="none" aria-hidden="true" focusable="false">
      <path
        d="m2 15 5-9 5 6.5L18 4"
        stroke="currentColor"
        strokeWidth="2"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
      <circle cx="7" cy="6" r="2.2" fill="var(--up)" />
      <circle cx="12" cy="12.5" r="2.2" fill="var(--down)" />
    </svg>
  );
}
