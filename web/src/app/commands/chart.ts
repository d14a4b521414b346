import type { ChartCommandId } from "../../chart/types";
import type { Chord } from "../../ui/commands/chord";
import { type Command, type CommandInput, command } from "../../ui/commands/registry";
import { copyText } from "../../ui/feedback/clipboard";
import { openDialog } from "../dialogs";
import type { CommandContext } from "./context";

type ChartKey = Extract<CommandInput["title"], `cmd.chart.${ChartCommandId}`>;

/** Moving, scaling and reading the chart. */
export function chartCommands({ host, replay, t }: CommandContext): Command[] {
  const present = () => host()?.state().series != null;
  const act = (id: ChartCommandId, title: CommandInput["title"], keys: readonly Chord[], rest: Partial<Command> = {}) =>
    command({
      id: `chart.${id}`,
      title,
      group: "chart",
      keys,
      scope: "chart",
      when: present,
      run: () => host()?.command(id),
      ...rest,
    });
  const step = (id: ChartCommandId, keys: readonly Chord[]) =>
    act(id, `cmd.chart.${id}` as ChartKey, keys, { listed: false });
  const scale = () => host()?.state().scale;
  return [
    step("crosshairLeft", ["ArrowLeft"]),
    step("crosshairRight", ["ArrowRight"]),
    act("escape", "cmd.escape", ["Escape"], {
      scope: "anywhere",
      listed: false,
      run: () => {
        const { actions } = replay.getState();
        // A replay is left last, after everything on the chart was taken back.
        if (actions && !host()?.takeBack()) actions.escape();
        else if (!actions) host()?.command("escape");
      },
    }),
    act("inspect", "cmd.chart.inspect", ["Enter"]),
    act("objectNext", "cmd.chart.objectNext", ["Alt+ArrowDown"], { listed: false }),
    act("objectPrevious", "cmd.chart.objectPrevious", ["Alt+ArrowUp"], { listed: false }),
    act("measure", "cmd.chart.measure", []),
    step("panLeft", ["Mod+ArrowLeft"]),
    step("panRight", ["Mod+ArrowRight"]),
    step("pageLeft", ["PageUp"]),
    step("pageRight", ["PageDown"]),
    act("zoomIn", "cmd.chart.zoomIn", ["+", "Mod+ArrowUp"]),
    act("zoomOut", "cmd.chart.zoomOut", ["-", "Mod+ArrowDown"]),
    act("home", "cmd.chart.home", ["Home"]),
    act("end", "cmd.chart.end", ["End"], { run: () => host()?.follow() }),
    act("resetView", "cmd.chart.resetView", ["Alt+R"], { scope: "anywhere" }),
    command({
      id: "chart.goTo",
      title: "cmd.chart.goTo",
      group: "chart",
      keys: ["Alt+G"],
      when: present,
      run: () => openDialog({ name: "goto" }),
    }),
    act("toggleLog", "cmd.chart.log", ["Alt+L"], { scope: "anywhere", checked: () => scale()?.mode === "log" }),
    act("togglePercent", "cmd.chart.percent", ["Alt+P"], {
      scope: "anywhere",
      checked: () => scale()?.mode === "percent",
    }),
    act("toggleInvert", "cmd.chart.invert", ["Alt+I"], {
      scope: "anywhere",
      checked: () => scale()?.inverted === true,
    }),
    act("autoScale", "cmd.chart.autoScale", []),
    act("retry", "cmd.chart.retry", []),
    ...reading({ host, t }, present),
  ];
}

function reading({ host, t }: Pick<CommandContext, "host" | "t">, when: () => boolean): Command[] {
  const copyLast = (text: (host: NonNullable<ReturnType<CommandContext["host"]>>) => string | null) => () => {
    const current = host();
    const found = current && text(current);
    if (found) void copyText(found, t());
  };
  return [
    command({
      id: "chart.describe",
      title: "cmd.chart.describe",
      group: "chart",
      when,
      run: () => openDialog({ name: "describe" }),
    }),
    command({
      id: "chart.table",
      title: "cmd.chart.table",
      group: "chart",
      when,
      run: () => openDialog({ name: "table" }),
    }),
    command({
      id: "chart.copyPrice",
      title: "cmd.chart.copyPrice",
      group: "chart",
      when,
      run: copyLast((current) => {
        const { last } = current.state();
        return last && current.formats().price(last.close);
      }),
    }),
    command({
      id: "chart.copyTime",
      title: "cmd.chart.copyTime",
      group: "chart",
      when,
      run: copyLast((current) => {
        const { last } = current.state();
        return last && current.formats().dateTime(last.time);
      }),
    }),
  ];
}
