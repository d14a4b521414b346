import { useT } from "../i18n/react";
import { ariaChord, caps } from "../ui/commands/chord";
import { useCommands } from "../ui/commands/context";
import { MODES, type Mode } from "./view";

/** The modes side by side, the present one filled. */
export function ModeSwitch({ mode, modes }: { mode: Mode; modes: readonly Mode[] }) {
  const t = useT();
  const commands = useCommands();
  return (
    <fieldset className="flex shrink-0 rounded-control border border-line-strong p-px">
      <legend className="sr-only">{t("mode.label")}</legend>
      {MODES.filter((name) => modes.includes(name)).map((name) => {
        const chord = commands.get(`mode.${name}`)?.keys[0];
        const current = name === mode;
        const filled = name === "replay" ? "bg-replay text-on-replay" : "bg-bg-3 text-text-1";
        return (
          <button
            key={name}
            type="button"
            data-cmd={`mode.${name}`}
            aria-pressed={current}
            data-tip={t(`cmd.mode.${name}`)}
            data-tip-keys={chord && caps(chord).join(" ")}
            aria-keyshortcuts={chord && ariaChord(chord)}
            onClick={() => {
              if (!current) commands.get(`mode.${name}`)?.run();
            }}
            className={`hit relative h-[calc(var(--control)-4px)] rounded-[3px] px-2.5 text-12 ${current ? `font-semibold ${filled}` : "text-text-2 hover:text-text-1"}`}
          >
            {t(`mode.${name}`)}
          </button>
        );
      })}
    </fieldset>
  );
}
