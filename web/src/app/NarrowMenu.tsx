import { useRef, useState } from "react";
import { useT } from "../i18n/react";
import { useCommands } from "../ui/commands/context";
import { IconButton } from "../ui/controls/Button";
import { Popover } from "../ui/overlays/Popover";

/** What the top bar of a telephone has no room for. */
const ITEMS = [
  "mode.live",
  "mode.replay",
  "mode.backtest",
  "panel.replay",
  "panel.backtest",
  "panel.markets",
  "panel.factors",
  "panel.inspector",
  "panel.data",
  "panel.log",
  "chart.goTo",
  "palette.open",
  "settings.open",
  "keys.open",
  "about.open",
] as const;

export function NarrowMenu() {
  const t = useT();
  const commands = useCommands();
  const ref = useRef<HTMLButtonElement>(null);
  const [open, setOpen] = useState(false);
  return (
    <>
      <IconButton
        ref={ref}
        icon="menu"
        label={t("app.narrowMenu")}
        data-cmd="menu.open"
        aria-haspopup="menu"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      />
      {open && (
        <Popover
          anchor={ref}
          align="end"
          onClose={() => setOpen(false)}
          label={t("app.narrowMenu")}
          role="menu"
          className="min-w-[200px] py-1"
        >
          {ITEMS.map((id) => commands.get(id))
            .filter((command) => command?.when())
            .map(
              (command) =>
                command && (
                  <button
                    key={command.id}
                    type="button"
                    role="menuitem"
                    tabIndex={-1}
                    data-cmd={command.id}
                    onClick={() => {
                      setOpen(false);
                      command.run();
                    }}
                    className="flex h-8 w-full items-center px-4 text-left outline-offset-[-2px] hover:bg-bg-3 focus:bg-bg-3 coarse:h-11"
                  >
                    {t(command.title as "cmd.palette.open")}
                  </button>
                ),
            )}
        </Popover>
      )}
    </>
  );
}
