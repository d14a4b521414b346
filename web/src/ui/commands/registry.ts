/**
 * The list of everything the product can do. Menus, buttons, the palette and the key map are made
 * from it, so they cannot disagree. The list itself is written in `app/commands`.
 */
import type { MessageKey } from "../../i18n/catalogue";
import { type Chord, type KeyPress, matches } from "./chord";

export type CommandGroup = "chart" | "view" | "navigate" | "replay" | "factors" | "help";

/** Where the keys of a command act. Chart keys need the chart to have the focus. */
export type KeyScope = "anywhere" | "chart";

export interface Command {
  id: string;
  /** Name in every language; the catalogues are complete by type. */
  title: MessageKey;
  group: CommandGroup;
  keys: readonly Chord[];
  scope: KeyScope;
  /** A command that is not available now is absent, not greyed. */
  when: () => boolean;
  /** Whether its keys act now; palette and menus do not ask. */
  keysWhen: () => boolean;
  /** `key` is the pressed character, for commands on `Letter` and `Digit`. */
  run: (key?: string) => void;
  /** Whether the command makes sense without a key press, in palette and menus. */
  listed: boolean;
  /** For switches: whether it is on now. */
  checked?: () => boolean;
}

/** What a definition may leave out. */
export type CommandInput = Pick<Command, "id" | "title" | "group" | "run"> & Partial<Command>;

export function command(input: CommandInput): Command {
  return { keys: [], scope: "anywhere", when: () => true, keysWhen: () => true, listed: true, ...input };
}

/** Chords that two commands claim. Must be empty; a test holds it so. */
export function doubleKeys(commands: readonly Command[]): Chord[] {
  const seen = new Set<Chord>();
  const double = new Set<Chord>();
  for (const chord of commands.flatMap((entry) => entry.keys)) {
    if (seen.has(chord)) double.add(chord);
    seen.add(chord);
  }
  return [...double];
}

/** What has the focus while a key is pressed. */
export interface KeyFocus {
  /** The chart, or nothing at all. */
  chart: boolean;
  /** A field that takes text. */
  typing: boolean;
  /** A control that Space acts on, and one that arrows move in: they keep these keys. */
  takesSpace: boolean;
  takesArrows: boolean;
  /** Single characters are keys at all. */
  singleKeys: boolean;
}

/** Finds the command for a key press. Plain letters and digits can be switched off. */
export function commandFor(commands: readonly Command[], press: KeyPress, focus: KeyFocus): Command | undefined {
  return commands.find((entry) => {
    if (entry.scope === "chart" && !focus.chart) return false;
    const chord = entry.keys.find((candidate) => matches(candidate, press));
    if (chord === undefined || !entry.when() || !entry.keysWhen()) return false;
    const plain = isPlain(chord);
    if (plain && (focus.typing || isTaken(chord, focus))) return false;
    return !(plain && isCharacter(chord) && !focus.singleKeys);
  });
}

function isPlain(chord: Chord): boolean {
  return !/^(Mod|Alt)\+/.test(chord) && !/^(Shift\+)?F\d+$/.test(chord);
}

function isTaken(chord: Chord, { takesSpace, takesArrows }: KeyFocus): boolean {
  return (takesSpace && chord === "Space") || (takesArrows && /^(Shift\+)?Arrow/.test(chord));
}

function isCharacter(chord: Chord): boolean {
  return chord === "Letter" || chord === "Digit" || chord.length === 1;
}
