/**
 * Key chords as text: `Mod+K`, `Alt+R`, `Shift+1`, `?`, `PageUp`, `Letter`, `Digit`.
 * `Mod` is ⌘ on a Mac and Ctrl elsewhere. `Letter` and `Digit` stand for any plain one.
 * Chords with Alt or Shift+digit go by key position, so that they work on every keyboard layout.
 */

export type Chord = string;

interface Parsed {
  mod: boolean;
  alt: boolean;
  shift: boolean;
  key: string;
}

/** What `matches` looks at; a `KeyboardEvent` has it all. */
export interface KeyPress {
  key: string;
  code: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  shiftKey: boolean;
}

export function isMac(): boolean {
  return /mac|iphone|ipad/i.test(globalThis.navigator?.platform ?? "");
}

function parse(chord: Chord): Parsed {
  const parts = chord.split("+").filter((part) => part !== "");
  const key = chord.endsWith("+") ? "+" : (parts.at(-1) ?? "");
  const has = (name: string) => parts.slice(0, key === "+" ? undefined : -1).includes(name);
  return { mod: has("Mod"), alt: has("Alt"), shift: has("Shift"), key };
}

/** Whether `press` is the chord. */
export function matches(chord: Chord, press: KeyPress, mac = isMac()): boolean {
  const want = parse(chord);
  const mod = mac ? press.metaKey : press.ctrlKey;
  const other = mac ? press.ctrlKey : press.metaKey;
  if (mod !== want.mod || other || press.altKey !== want.alt) return false;
  if (want.key === "Letter") return !press.shiftKey && /^\p{L}$/u.test(press.key);
  if (want.key === "Digit") return !press.shiftKey && /^[0-9]$/.test(press.key);
  if (/^[^A-Za-z0-9]$/.test(want.key)) return sameSymbol(want, press);
  return press.shiftKey === want.shift && samePosition(want, press);
}

/** Symbols such as `?` sit behind Shift on some layouts and not on others: Shift is not compared. */
function sameSymbol(want: Parsed, press: KeyPress): boolean {
  if (want.key === "\\") return press.key === "\\" || press.code === "Backslash";
  return press.key === want.key;
}

function samePosition(want: Parsed, press: KeyPress): boolean {
  if (/^[A-Z]$/.test(want.key)) return press.code === `Key${want.key}`;
  if (/^[0-9]$/.test(want.key)) return press.code === `Digit${want.key}`;
  return press.key === (want.key === "Space" ? " " : want.key);
}

const NAMES: Record<string, string> = {
  ArrowLeft: "←",
  ArrowRight: "→",
  ArrowUp: "↑",
  ArrowDown: "↓",
  PageUp: "PgUp",
  PageDown: "PgDn",
  Escape: "Esc",
  Letter: "A…Z",
  Digit: "0…9",
};

/** The chord as caps to print, one per key. */
export function caps(chord: Chord, mac = isMac()): string[] {
  const { mod, alt, shift, key } = parse(chord);
  const out: string[] = [];
  if (mod) out.push(mac ? "⌘" : "Ctrl");
  if (alt) out.push(mac ? "⌥" : "Alt");
  if (shift) out.push(mac ? "⇧" : "Shift");
  out.push(NAMES[key] ?? key);
  return out;
}

/** The chord in the form that `aria-keyshortcuts` wants. */
export function ariaChord(chord: Chord, mac = isMac()): string {
  const { mod, alt, shift, key } = parse(chord);
  const names = [mod ? (mac ? "Meta" : "Control") : "", alt ? "Alt" : "", shift ? "Shift" : ""];
  return [...names.filter(Boolean), key === "+" ? "Plus" : key].join("+");
}
