import { toggleFactor } from "../../features/factors/tree";
import { visibility } from "../../features/factors/visibility";
import { type Command, command } from "../../ui/commands/registry";
import type { CommandContext } from "./context";

const DIGITS = [1, 2, 3, 4, 5, 6, 7, 8, 9] as const;

/** Factors by their place in the catalogue; the palette lists them by name instead. */
export function factorCommands({ catalog }: CommandContext): Command[] {
  const factor = (digit: number) => catalog()?.factors[digit - 1];
  return [
    ...DIGITS.map((digit) =>
      command({
        id: `factors.toggle.${digit}`,
        title: "cmd.factors.toggle",
        group: "factors",
        keys: [`Shift+${digit}`],
        scope: "chart",
        listed: false,
        when: () => factor(digit) !== undefined,
        run: () => {
          const found = factor(digit);
          if (found) visibility.setState(toggleFactor(visibility.getState(), found));
        },
      }),
    ),
    command({
      id: "factors.reset",
      title: "cmd.factors.reset",
      group: "factors",
      run: () => visibility.reset(),
    }),
  ];
}
