import type { MessageKey, Translate } from "../i18n/catalogue";
import type { Command } from "../ui/commands/registry";

/** Title of a command in the chosen language; the n-th factor names its number. */
export function commandTitle(command: Command, t: Translate): string {
  const number = command.id.startsWith("factors.toggle.") ? command.id.slice("factors.toggle.".length) : "";
  const plain = t as (key: MessageKey, values: Record<string, string>) => string;
  return plain(command.title, { n: number });
}
