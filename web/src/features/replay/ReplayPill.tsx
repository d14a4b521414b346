import { useT } from "../../i18n/react";
import { Icon } from "../../ui/controls/Icon";
import { useStored } from "../../ui/storage/useStored";
import type { ReplayStore } from "./slot";

export type PillRoom = "full" | "short" | "word" | "none";

interface ReplayPillProps {
  slot: ReplayStore;
  formatTime: (time: number) => string;
  /** `short`: without the year; `word`: without the time, which the bar tells; `none`: the icon alone. */
  room: PillRoom;
}

/** Stands where the health pill stands when the page shows now. */
export function ReplayPill({ slot, formatTime, room }: ReplayPillProps) {
  const t = useT();
  const at = useStored(slot, (state) => state.at);
  const time = at === null ? "" : formatTime(at);
  const words = {
    full: t("replay.pill", { time }),
    short: t("replay.pill", { time: time.replace(/^\d{4}-/, "") }),
    word: t("mode.replay"),
    none: "",
  };
  return (
    <div
      role="status"
      data-health="replay"
      aria-label={t("replay.pillLabel", { time })}
      className="flex h-(--control) shrink-0 items-center gap-1.5 rounded-full bg-replay px-2.5 text-12 font-semibold whitespace-nowrap text-on-replay tabular-nums"
    >
      <Icon name="replay" size={14} />
      {words[room]}
    </div>
  );
}
