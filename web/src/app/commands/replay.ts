import type { QuickOrder } from "../../features/replay/paper/quick";
import type { Chord } from "../../ui/commands/chord";
import { type Command, type CommandInput, command } from "../../ui/commands/registry";
import type { CommandContext } from "./context";

/** Going back in time, and moving there. */
export function replayCommands({ control, replay: slot, api }: CommandContext): Command[] {
  const replay = () => slot.getState();
  const replaying = () => replay().controller !== null;
  const act = (
    id: string,
    title: CommandInput["title"],
    keys: readonly Chord[],
    run: (actions: NonNullable<ReturnType<typeof replay>["actions"]>) => void,
  ) =>
    command({
      id: `replay.${id}`,
      title,
      group: "replay",
      keys,
      when: replaying,
      run: () => {
        const { actions } = replay();
        if (actions) run(actions);
      },
    });
  const order = (what: QuickOrder, key: Chord) =>
    command({
      id: `paper.${what}`,
      title: `cmd.paper.${what}`,
      group: "replay",
      keys: [key],
      scope: "chart",
      when: replaying,
      // What cannot be ordered at once is a matter for the ticket.
      run: () =>
        void import("../../features/replay/paper/quick").then(({ orderAtMarket }) => {
          if (!orderAtMarket(what, slot, api)) control.setTab("orders");
        }),
    });
  return [
    command({
      id: "mode.live",
      title: "cmd.mode.live",
      group: "replay",
      when: () => control.mode() !== "live",
      run: () => (control.mode() === "replay" ? control.leaveReplay() : control.leaveBacktest()),
    }),
    command({
      id: "mode.replay",
      title: "cmd.mode.replay",
      group: "replay",
      keys: ["Alt+B"],
      when: () => replay().available === true && control.view().s !== undefined,
      run: () => (control.mode() === "replay" ? control.leaveReplay() : control.pickReplay()),
    }),
    act("toggle", "cmd.replay.toggle", ["Space", "Shift+ArrowDown"], (actions) => actions.toggle()),
    act("forward", "cmd.replay.forward", [".", "Shift+ArrowRight"], (actions) => actions.step(1)),
    act("back", "cmd.replay.back", [",", "Shift+ArrowLeft"], (actions) => actions.step(-1)),
    act("next", "cmd.replay.next", ["]"], (actions) => actions.jump(1)),
    act("previous", "cmd.replay.previous", ["["], (actions) => actions.jump(-1)),
    act("faster", "cmd.replay.faster", [">"], (actions) => actions.pace(1)),
    act("slower", "cmd.replay.slower", ["<"], (actions) => actions.pace(-1)),
    act("start", "cmd.replay.start", [], (actions) => actions.toStart()),
    order("buy", "Shift+B"),
    order("sell", "Shift+S"),
    order("close", "Shift+X"),
  ];
}
