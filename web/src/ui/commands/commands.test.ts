import { describe, expect, it } from "vitest";
import { caps, type KeyPress, matches } from "./chord";
import { fuzzy, rank } from "./fuzzy";
import { command, commandFor, doubleKeys } from "./registry";

const press = (key: string, code: string, modifiers: Partial<KeyPress> = {}): KeyPress => ({
  key,
  code,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  shiftKey: false,
  ...modifiers,
});

describe("chords", () => {
  it("Mod is Ctrl, and the command key on a Mac", () => {
    expect(matches("Mod+K", press("k", "KeyK", { ctrlKey: true }), false)).toBe(true);
    expect(matches("Mod+K", press("k", "KeyK", { metaKey: true }), false)).toBe(false);
    expect(matches("Mod+K", press("k", "KeyK", { metaKey: true }), true)).toBe(true);
  });

  it("Alt chords go by position, whatever character the layout makes of them", () => {
    expect(matches("Alt+R", press("®", "KeyR", { altKey: true }), true)).toBe(true);
    expect(matches("Alt+R", press("к", "KeyR", { altKey: true }), false)).toBe(true);
    expect(matches("Shift+1", press("!", "Digit1", { shiftKey: true }), false)).toBe(true);
  });

  it("symbols ignore Shift, letters and digits refuse it", () => {
    expect(matches("?", press("?", "Slash", { shiftKey: true }), false)).toBe(true);
    expect(matches("/", press("/", "Slash"), false)).toBe(true);
    expect(matches("Letter", press("b", "KeyB"), false)).toBe(true);
    expect(matches("Letter", press("B", "KeyB", { shiftKey: true }), false)).toBe(false);
    expect(matches("Digit", press("5", "Digit5"), false)).toBe(true);
    expect(matches("Letter", press("Enter", "Enter"), false)).toBe(false);
    expect(matches("+", press("+", "Equal", { shiftKey: true }), false)).toBe(true);
  });

  it("prints caps", () => {
    expect(caps("Mod+K", false)).toEqual(["Ctrl", "K"]);
    expect(caps("Mod+ArrowLeft", true)).toEqual(["⌘", "←"]);
    expect(caps("+", false)).toEqual(["+"]);
  });
});

describe("registry", () => {
  const run = () => {};
  const commands = [
    command({ id: "palette", title: "cmd.palette.open", group: "navigate", keys: ["Mod+K"], run }),
    command({
      id: "letter",
      title: "cmd.symbol.searchLetter",
      group: "navigate",
      keys: ["Letter"],
      scope: "chart",
      run,
    }),
    command({ id: "help", title: "cmd.keys.open", group: "help", keys: ["?"], run }),
  ];
  const focus = { chart: true, typing: false, takesSpace: false, takesArrows: false, singleKeys: true };

  it("finds double keys", () => {
    expect(doubleKeys(commands)).toEqual([]);
    expect(
      doubleKeys([...commands, command({ id: "x", title: "cmd.keys.open", group: "help", keys: ["?"], run })]),
    ).toEqual(["?"]);
  });

  it("lets plain keys act only outside of fields, and letters only while the chart has the focus", () => {
    const b = press("b", "KeyB");
    expect(commandFor(commands, b, focus)?.id).toBe("letter");
    expect(commandFor(commands, b, { ...focus, chart: false })).toBeUndefined();
    expect(commandFor(commands, b, { ...focus, singleKeys: false })).toBeUndefined();
    expect(commandFor(commands, press("?", "Slash"), { ...focus, typing: true })).toBeUndefined();
    expect(commandFor(commands, press("k", "KeyK", { ctrlKey: true }), { ...focus, typing: true })?.id).toBe("palette");
  });

  it("leaves Space and arrows to the control that they work, and takes the rest", () => {
    const play = command({
      id: "play",
      title: "cmd.replay.toggle",
      group: "replay",
      keys: ["Space", "Shift+ArrowDown"],
      run,
    });
    const step = command({ id: "step", title: "cmd.replay.forward", group: "replay", keys: ["."], run });
    const pressed = { ...focus, chart: false, takesSpace: true };
    const space = press(" ", "Space");
    expect(commandFor([play, step], space, { ...focus, chart: false })?.id).toBe("play");
    expect(commandFor([play, step], space, pressed)).toBeUndefined();
    expect(commandFor([play, step], press(".", "Period"), pressed)?.id).toBe("step");
    const down = press("ArrowDown", "ArrowDown", { shiftKey: true });
    expect(commandFor([play, step], down, pressed)?.id).toBe("play");
    expect(commandFor([play, step], down, { ...focus, chart: false, takesArrows: true })).toBeUndefined();
  });
});

describe("fuzzy", () => {
  it("prefers whole words, then starts of words", () => {
    expect(rank("btc", ["ETH/BTC", "BTC/USDT", "BATIC"], (text) => text, 9).map(({ item }) => item)).toEqual([
      "BTC/USDT",
      "ETH/BTC",
      "BATIC",
    ]);
  });

  it("needs every character in order", () => {
    expect(fuzzy("tb", "BTC")).toBeUndefined();
    expect(fuzzy("lsc", "Logarithmic scale")?.at.length).toBe(3);
  });
});
