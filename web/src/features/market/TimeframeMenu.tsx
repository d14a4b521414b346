import { type FormEvent, type RefObject, useId, useState } from "react";
import { timeframeSeconds } from "../../api/series";
import type { Translate } from "../../i18n/catalogue";
import { useT } from "../../i18n/react";
import { Button, IconButton } from "../../ui/controls/Button";
import { Popover } from "../../ui/overlays/Popover";
import { useStored } from "../../ui/storage/useStored";
import { COMMON_TIMEFRAMES, choices, FAVOURITE_LIMIT, toggleFavourite } from "./choices";
import { parseTimeframe } from "./search";
import { byLength } from "./universe";

interface TimeframeMenuProps {
  anchor: RefObject<HTMLElement | null>;
  current: string | null;
  stored: readonly string[];
  onPick: (timeframe: string) => void;
  onClose: () => void;
}

export function TimeframeMenu({ anchor, current, stored, onPick, onClose }: TimeframeMenuProps) {
  const t = useT();
  const favourites = useStored(choices, (state) => state.favourites);
  const all = byLength([...COMMON_TIMEFRAMES, ...stored, ...favourites, ...(current ? [current] : [])]);
  const pick = (timeframe: string) => {
    onClose();
    onPick(timeframe);
  };
  return (
    <Popover anchor={anchor} onClose={onClose} label={t("timeframe.moreTitle")} className="w-[232px]">
      <Typed onPick={pick} />
      <ul className="border-t border-line py-1">
        {all.map((timeframe) => (
          <li key={timeframe} className="flex items-center pr-1 hover:bg-bg-3">
            <button
              type="button"
              data-cmd={`timeframe.pick.${timeframe}`}
              aria-current={timeframe === current}
              onClick={() => pick(timeframe)}
              className="flex h-7 flex-1 items-center gap-3 px-3 text-left outline-offset-[-2px] aria-[current=true]:font-semibold aria-[current=true]:text-accent coarse:h-11"
            >
              <span className="w-9">{timeframe}</span>
              <span className="text-12 font-normal text-text-3">{timeframeName(timeframe, t)}</span>
            </button>
            <Pin
              timeframe={timeframe}
              pinned={favourites.includes(timeframe)}
              full={favourites.length >= FAVOURITE_LIMIT}
            />
          </li>
        ))}
      </ul>
    </Popover>
  );
}

/** `5m` as "5 minutes". */
export function timeframeName(timeframe: string, t: Translate): string {
  const n = Number.parseInt(timeframe, 10);
  const unit = timeframe.at(-1);
  return t(unit === "d" ? "timeframe.days" : unit === "h" ? "timeframe.hours" : "timeframe.minutes", { n });
}

function Pin({ timeframe, pinned, full }: { timeframe: string; pinned: boolean; full: boolean }) {
  const t = useT();
  const blocked = full && !pinned;
  const label = blocked ? t("timeframe.pinsFull") : t(pinned ? "timeframe.unpin" : "timeframe.pin", { timeframe });
  return (
    <IconButton
      icon="star"
      label={label}
      aria-pressed={pinned}
      aria-disabled={blocked}
      onClick={() => toggleFavourite(timeframe)}
      className={pinned ? "[&_svg]:fill-current text-warn!" : "text-text-3"}
    />
  );
}

/** Any timeframe the server can build: `7m`, `90m`, `24h`. */
function Typed({ onPick }: { onPick: (timeframe: string) => void }) {
  const t = useT();
  const [text, setText] = useState("");
  const [wrong, setWrong] = useState(false);
  const hint = useId();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const timeframe = parseTimeframe(text.trim());
    if (timeframe !== null && timeframeSeconds(timeframe) !== null) onPick(timeframe);
    else setWrong(true);
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-1 p-2">
      <div className="flex gap-1">
        <input
          data-autofocus
          aria-label={t("timeframe.typed")}
          aria-describedby={hint}
          aria-invalid={wrong}
          placeholder={t("timeframe.typed")}
          value={text}
          maxLength={8}
          onChange={(event) => {
            setText(event.target.value);
            setWrong(false);
          }}
          className="h-7 min-w-0 flex-1 rounded-control border border-line-strong bg-bg-1 px-2"
        />
        <Button type="submit" className="h-7">
          {t("timeframe.open")}
        </Button>
      </div>
      <p id={hint} className={`text-12 ${wrong ? "text-danger" : "text-text-3"}`}>
        {t("timeframe.typedHint")}
      </p>
    </form>
  );
}
