import { useT } from "../../i18n/react";
import { Icon } from "../../ui/controls/Icon";
import { useStored } from "../../ui/storage/useStored";
import type { ReplayStore } from "./slot";

interface ReplayPillProps {
  slot: ReplayStore;
  formatTime: (time: number) => string;
  /** `short`: without the year; `none`: the icon alone. */
  room: "full" | "short" | "none";
}

/** Stands where the health pill stands when the page shows now. */
export function ReplayPill({ slot, formatTime, room }: ReplayPillProps) {
  const t = useT();
  const at = useStored(slot, (state) => state.at);
  const time = at === null ? "" : formatTime(at);
  return (
    <div
      role="status"
      data-health="replay"
      aria-label={t("replay.pillLabel", { time })}
      className="flex h-(--control) shrink-0 items-center gap-1.5 rounded-full bg-replay px-2.5 text-12 font-semibold whitespace-nowrap text-on-replay tabular-nums"
    >
      <Icon name="replay" size={14} />
      {room !== "none" && t("replay.pill", { time: room === "short" ? time.replace(/^\d{4}-/, "") : time })}
    </div>
  );
}
