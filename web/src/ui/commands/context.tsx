import { createContext, use } from "react";
import type { Command } from "./registry";

/** The commands of the running application; the list is made once and does not change. */
export const CommandsContext = createContext<ReadonlyMap<string, Command>>(new Map());

export function useCommands(): ReadonlyMap<string, Command> {
  return use(CommandsContext);
}

/** One command; a wrong id is a mistake in the program, so it throws. */
export function useCommand(id: string): Command {
  const found = use(CommandsContext).get(id);
  if (!found) throw new Error(`no command ${id}`);
  return found;
}
