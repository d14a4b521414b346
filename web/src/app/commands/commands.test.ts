import { describe, expect, it, vi } from "vitest";
import { createBacktestSlot } from "../../features/backtest/slot";
import { createReplaySlot } from "../../features/replay/slot";
import { en } from "../../i18n/en";
import { zhCN } from "../../i18n/zh-CN";
import { commandFor, doubleKeys } from "../../ui/commands/registry";
import { createCommands } from "./index";

const control = { panel: () => null, tab: () => null, mode: () => "live" } as never;
const made = (more: object = {}) =>
  createCommands({
    host: () => null,
    control,
    catalog: () => undefined,
    replay: createReplaySlot(),
    backtest: createBacktestSlot(),
    api: {} as never,
    t: () => {
      throw new Error("not used");
    },
    ...more,
  });
const commands = made();

describe("backtests", () => {
  const backtest = createBacktestSlot();
  const all = made({ control: { mode: () => "backtest", view: () => ({}) }, backtest });
  const listed = () => [...all.values()].filter((one) => /^backtest\./.test(one.id) && one.when()).map(({ id }) => id);

  it("the palette has what can be done with what is open, wherever the focus is", () => {
    expect(listed()).toEqual([]);
    const run = vi.fn();
    backtest.setState({ step: run, offers: { replay: run, compare: run, checkBias: run, exportCsv: run } });
    expect(listed()).toEqual([
      ...["backtest.next", "backtest.previous", "backtest.replay", "backtest.compare"],
      ...["backtest.checkBias", "backtest.exportCsv"],
    ]);
    all.get("backtest.previous")?.run();
    all.get("backtest.compare")?.run();
    expect(run.mock.calls).toEqual([[-1], []]);
  });

  it("J and K belong to the list of trades, and elsewhere to the chart", () => {
    const press = { key: "j", code: "KeyJ", ctrlKey: false, metaKey: false, altKey: false, shiftKey: false };
    const focus = { chart: false, typing: false, takesSpace: false, takesArrows: false, singleKeys: true };
    const found = () => commandFor([...all.values()], press, focus)?.id;
    vi.stubGlobal("document", { activeElement: { closest: () => null } });
    expect(found()).toBeUndefined();
    vi.stubGlobal("document", { activeElement: { closest: () => ({}) } });
    expect(found()).toBe("backtest.next");
    vi.unstubAllGlobals();
  });
});

describe("command registry", () => {
  it("gives no key to two commands", () => {
    expect(doubleKeys([...commands.values()])).toEqual([]);
  });

  it("names every command in every language", () => {
    for (const command of commands.values()) {
      for (const [locale, catalogue] of Object.entries({ en, zhCN })) {
        expect([command.id, locale, catalogue[command.title]?.length > 0]).toEqual([command.id, locale, true]);
      }
    }
  });

  it("uses every command title of the catalogue", () => {
    const used = new Set([...commands.values()].map((command) => command.title));
    const unused = Object.keys(en).filter((key) => key.startsWith("cmd.") && !used.has(key as keyof typeof en));
    expect(unused).toEqual([]);
  });

  it("has the keys of this step of the product, and none of a later one", () => {
    const keys = [...commands.values()].flatMap((command) => command.keys);
    const wanted = ["Mod+K", "Letter", "/", "Digit", "ArrowLeft", "ArrowRight", "Mod+ArrowLeft", "Mod+ArrowRight"];
    const more = ["PageUp", "PageDown", "+", "-", "Mod+ArrowUp", "Mod+ArrowDown", "Home", "End", "Alt+R", "Alt+G"];
    const scales = ["Alt+L", "Alt+P", "Alt+I", "F6", "Shift+F6", "Mod+\\", "Alt+Enter", "Alt+F", "?", "Escape"];
    const looking = ["Enter", "Alt+ArrowDown", "Alt+ArrowUp", "Alt+O", "Mod+J", "Alt+Shift+D", "Alt+M"];
    const past = [
      "Alt+B",
      "Space",
      "Shift+ArrowDown",
      ".",
      "Shift+ArrowRight",
      ",",
      "Shift+ArrowLeft",
      "]",
      "[",
      ">",
      "<",
      "Shift+B",
      "Shift+S",
      "Shift+X",
    ];
    const testing = ["Mod+Enter", "J", "K"];
    const digits = [1, 2, 3, 4, 5, 6, 7, 8, 9].map((digit) => `Shift+${digit}`);
    expect([...keys].sort()).toEqual(
      [...wanted, ...more, ...scales, ...looking, ...past, ...testing, ...digits].sort(),
    );
  });
});
