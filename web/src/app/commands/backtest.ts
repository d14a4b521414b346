import { OFFERS, type Offer } from "../../features/backtest/slot";
import { type Command, command } from "../../ui/commands/registry";
import type { CommandContext } from "./context";

/** Backtests: their mode, running the form, walking through the trades, and what is offered for the open run. */
export function backtestCommands({ control, backtest: slot }: CommandContext): Command[] {
  const here = () => control.mode() === "backtest";
  const step = (id: "next" | "previous", key: string, direction: 1 | -1) =>
    command({
      id: `backtest.${id}`,
      title: `cmd.backtest.${id}`,
      group: "replay",
      keys: [key],
      when: () => here() && slot.getState().step !== null,
      // Letters over the chart search for symbols.
      keysWhen: listHasFocus,
      run: () => slot.getState().step?.(direction),
    });
  const offered = (id: Offer) =>
    command({
      id: `backtest.${id}`,
      title: `cmd.backtest.${id}`,
      group: "replay",
      when: () => here() && slot.getState().offers[id] !== undefined,
      run: () => slot.getState().offers[id]?.(),
    });
  return [
    command({
      id: "mode.backtest",
      title: "cmd.mode.backtest",
      group: "replay",
      when: () => slot.getState().available === true && !here(),
      run: () => control.openBacktest(),
    }),
    command({
      id: "backtest.run",
      title: "cmd.backtest.run",
      group: "replay",
      keys: ["Mod+Enter"],
      when: () => here() && slot.getState().run !== null,
      run: () => slot.getState().run?.(),
    }),
    command({
      id: "backtest.known",
      title: "cmd.backtest.known",
      group: "replay",
      when: () => here() && control.view().trade !== undefined,
      checked: () => slot.getState().asKnown,
      run: () => slot.setState(({ asKnown }) => ({ asKnown: !asKnown })),
    }),
    step("next", "J", 1),
    step("previous", "K", -1),
    ...OFFERS.map(offered),
  ];
}

function listHasFocus(): boolean {
  return document.activeElement?.closest('[data-testid="backtest-trades"]') != null;
}
