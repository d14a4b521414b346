import { useEffect, useRef, useState } from "react";
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
      data-health="replay"
      className="flex h-(--control) shrink-0 items-center gap-1.5 rounded-full bg-replay px-2.5 text-12 font-semibold whitespace-nowrap text-on-replay tabular-nums"
    >
      <Icon name="replay" size={14} />
      {/* It changes with every bar: read by whoever goes there, and never called out. */}
      <span className="sr-only">{t("replay.pillLabel", { time })}</span>
      <span aria-hidden="true" className="contents">
        {words[room]}
      </span>
    </div>
  );
}

interface ReplaySpokenProps {
  slot: ReplayStore;
  formatTime: (time: number) => string;
  /** Now is shown, without a replay. */
  live: boolean;
}

/** Calls out once that the past is shown, and once that now is. */
export function ReplaySpoken({ slot, formatTime, live }: ReplaySpokenProps) {
  const t = useT();
  const replaying = useStored(slot, (state) => state.controller !== null);
  const replayed = useRef(false);
  const [words, setWords] = useState("");
  // biome-ignore lint/correctness/useExhaustiveDependencies: the change of the mode is called out, not that of words or zone.
  useEffect(() => {
    const { at } = slot.getState();
    if (replaying && at !== null && !replayed.current) setWords(t("replay.spoken", { time: formatTime(at) }));
    else if (live && replayed.current) setWords(t("replay.spokenLive"));
    replayed.current = replaying || (replayed.current && !live);
  }, [slot, replaying, live]);
  return (
    <p role="status" data-testid="replay-spoken" className="sr-only">
      {words}
    </p>
  );
}
