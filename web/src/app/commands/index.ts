import type { Command } from "../../ui/commands/registry";
import { backtestCommands } from "./backtest";
import { chartCommands } from "./chart";
import type { CommandContext } from "./context";
import { factorCommands } from "./factors";
import { replayCommands } from "./replay";
import { workspaceCommands } from "./workspace";

/** Everything the product can do, in the order of the palette. */
export function createCommands(context: CommandContext): ReadonlyMap<string, Command> {
  const all = [
    ...workspaceCommands(context),
    ...chartCommands(context),
    ...replayCommands(context),
    ...backtestCommands(context),
    ...factorCommands(context),
  ];
  return new Map(all.map((entry) => [entry.id, entry]));
}
