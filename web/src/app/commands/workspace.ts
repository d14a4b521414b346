import { preferences } from "../../features/settings/preferences";
import type { Chord } from "../../ui/commands/chord";
import { type Command, type CommandInput, command } from "../../ui/commands/registry";
import { closeDialog, layers, openDialog } from "../dialogs";
import { moveRegion } from "../regions";
import { type PanelName, TABS_OF, type TabName } from "../view";
import type { CommandContext } from "./context";

/** Symbol, panels, dialogs and looks. */
export function workspaceCommands({ control }: CommandContext): Command[] {
  const root = () => document.documentElement.dataset;
  const panel = (name: PanelName, title: CommandInput["title"], key: Chord) =>
    command({
      id: `panel.${name}`,
      title,
      group: "view",
      keys: [key],
      checked: () => control.panel() === name,
      run: () => control.setPanel(control.panel() === name ? null : name),
    });
  const tab = (name: TabName, title: CommandInput["title"], when = () => true) =>
    command({
      id: `panel.${name}`,
      title,
      group: "view",
      when,
      checked: () => control.tab() === name,
      run: () => control.setTab(control.tab() === name ? null : name),
    });
  const foldDock = () => control.setPanel(control.panel() === null ? control.lastPanel() : null);
  return [
    command({
      id: "palette.open",
      title: "cmd.palette.open",
      group: "navigate",
      keys: ["Mod+K"],
      run: () => (layers.getState().dialog?.name === "palette" ? closeDialog() : openDialog({ name: "palette" })),
    }),
    command({
      id: "symbol.search",
      title: "cmd.symbol.search",
      group: "navigate",
      keys: ["/"],
      run: () => openDialog({ name: "symbol", initial: "" }),
    }),
    command({
      id: "symbol.searchLetter",
      title: "cmd.symbol.searchLetter",
      group: "navigate",
      keys: ["Letter"],
      scope: "chart",
      listed: false,
      run: (key = "") => openDialog({ name: "symbol", initial: key }),
    }),
    command({
      id: "timeframe.type",
      title: "cmd.timeframe.type",
      group: "navigate",
      keys: ["Digit"],
      scope: "chart",
      listed: false,
      run: (key = "") => openDialog({ name: "timeframe", initial: key }),
    }),
    command({
      id: "timeframe.more",
      title: "cmd.timeframe.more",
      group: "navigate",
      run: () => layers.setState({ dialog: null, timeframes: true }),
    }),
    panel("markets", "cmd.panel.markets", "Alt+M"),
    panel("factors", "cmd.panel.factors", "Alt+F"),
    panel("inspector", "cmd.panel.inspector", "Alt+O"),
    panel("data", "cmd.panel.data", "Alt+Shift+D"),
    tab("replay", "cmd.panel.replay", () => control.mode() === "replay"),
    tab("backtest", "cmd.panel.backtest", () => control.mode() === "backtest"),
    tab("log", "cmd.panel.log"),
    command({
      id: "dock.bottom",
      title: "cmd.dock.bottom",
      group: "view",
      keys: ["Mod+J"],
      run: () => control.setTab(control.tab() === null ? (TABS_OF[control.mode()][0] ?? null) : null),
    }),
    command({
      id: "dock.right",
      title: "cmd.dock.right",
      group: "view",
      keys: ["Mod+\\"],
      run: foldDock,
    }),
    command({
      id: "dock.all",
      title: "cmd.dock.all",
      group: "view",
      keys: ["Alt+Enter"],
      listed: false,
      run: () => control.foldAll(),
    }),
    command({
      id: "region.next",
      title: "cmd.region.next",
      group: "view",
      keys: ["F6"],
      listed: false,
      run: () => moveRegion(1),
    }),
    command({
      id: "region.previous",
      title: "cmd.region.previous",
      group: "view",
      keys: ["Shift+F6"],
      listed: false,
      run: () => moveRegion(-1),
    }),
    command({
      id: "theme.toggle",
      title: "cmd.theme.toggle",
      group: "view",
      run: () => preferences.setState({ theme: root().theme === "dark" ? "light" : "dark" }),
    }),
    command({
      id: "language.toggle",
      title: "cmd.language.toggle",
      group: "view",
      run: () => preferences.setState({ language: root().locale === "en" ? "zh-CN" : "en" }),
    }),
    command({
      id: "palette.toggle",
      title: "cmd.palette.toggle",
      group: "view",
      checked: () => preferences.getState().palette === "colour-blind",
      run: () =>
        preferences.setState(({ palette }) => ({ palette: palette === "standard" ? "colour-blind" : "standard" })),
    }),
    command({
      id: "direction.toggle",
      title: "cmd.direction.toggle",
      group: "view",
      run: () => preferences.setState({ direction: root().direction === "green-up" ? "red-up" : "green-up" }),
    }),
    command({
      id: "density.toggle",
      title: "cmd.density.toggle",
      group: "view",
      run: () => preferences.setState({ density: root().density === "compact" ? "comfortable" : "compact" }),
    }),
    command({
      id: "health.open",
      title: "cmd.health.open",
      group: "help",
      run: () => layers.setState({ dialog: null, health: true }),
    }),
    command({
      id: "settings.open",
      title: "cmd.settings.open",
      group: "help",
      run: () => openDialog({ name: "settings" }),
    }),
    command({
      id: "keys.open",
      title: "cmd.keys.open",
      group: "help",
      keys: ["?"],
      run: () => openDialog({ name: "keys" }),
    }),
    command({ id: "about.open", title: "cmd.about.open", group: "help", run: () => openDialog({ name: "about" }) }),
  ];
}
