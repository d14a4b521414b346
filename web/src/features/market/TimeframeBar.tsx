import { useRef } from "react";
import { useT } from "../../i18n/react";
import { Icon } from "../../ui/controls/Icon";
import { useStored } from "../../ui/storage/useStored";
import { choices } from "./choices";
import { TimeframeMenu } from "./TimeframeMenu";

export interface TimeframeBarProps {
  current: string | null;
  /** Stored for the symbol on screen. */
  stored: readonly string[];
  /** Favourites that fit; 0 shows one button with a list. */
  room: number;
  menuOpen: boolean;
  onMenu: (open: boolean) => void;
  onPick: (timeframe: string) => void;
}

const ITEM =
  "hit relative h-(--control) min-w-[34px] rounded-control px-1.5 text-text-2 hover:bg-bg-3 hover:text-text-1 aria-[current=true]:bg-bg-3 aria-[current=true]:font-semibold aria-[current=true]:text-text-1";

export function TimeframeBar({ current, stored, room, menuOpen, onMenu, onPick }: TimeframeBarProps) {
  const t = useT();
  const more = useRef<HTMLButtonElement>(null);
  const favourites = useStored(choices, (state) => state.favourites).slice(0, room);
  const elsewhere = current !== null && !favourites.includes(current);
  return (
    <fieldset aria-label={t("timeframe.group")} className="flex min-w-0 shrink-0 items-center gap-px">
      {favourites.map((timeframe) => (
        <button
          key={timeframe}
          type="button"
          data-cmd={`timeframe.${timeframe}`}
          aria-current={timeframe === current}
          onClick={() => onPick(timeframe)}
          className={ITEM}
        >
          {timeframe}
        </button>
      ))}
      <button
        ref={more}
        type="button"
        data-cmd="timeframe.more"
        aria-haspopup="dialog"
        aria-expanded={menuOpen}
        aria-current={elsewhere}
        aria-label={elsewhere ? `${t("timeframe.choose")}: ${current}` : t("timeframe.more")}
        data-tip={t("timeframe.more")}
        onClick={() => onMenu(!menuOpen)}
        className={`${ITEM} inline-flex items-center justify-center gap-0.5`}
      >
        {elsewhere && current}
        <Icon name="chevronDown" />
      </button>
      {menuOpen && (
        <TimeframeMenu anchor={more} current={current} stored={stored} onPick={onPick} onClose={() => onMenu(false)} />
      )}
    </fieldset>
  );
}
