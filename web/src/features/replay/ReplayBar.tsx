import { type ReactNode, useEffect, useRef } from "react";
import type { ReplayApi } from "../../api/replay-api";
import { useT } from "../../i18n/react";
import { IconButton } from "../../ui/controls/Button";
import { useStored } from "../../ui/storage/useStored";
import { DEFAULT_KINDS, replayChoices } from "./choices";
import type { ReplayController, ReplayPicture } from "./controller";
import { EventMenu } from "./EventMenu";
import { Scrubber } from "./Scrubber";
import { SpeedControl } from "./SpeedControl";
import { moveNumber } from "./scrubber";
import { useOutline, useTicks } from "./useHistory";
import { kindName } from "./words";

export interface ReplayBarProps {
  api: ReplayApi;
  controller: ReplayController;
  seriesId: string;
  /** Last close on the chart. */
  price: () => number | null;
  formatTime: (time: number) => string;
  /** Room for the few controls of a telephone only. */
  compact: boolean;
  onGoTo: () => void;
  onOrders: () => void;
}

/** A playing replay that comes to less than this share of its speed says so. */
const BEHIND_SHARE = 0.9;

/** The controls of a replay, on the chart above the time axis. */
export function ReplayBar(props: ReplayBarProps) {
  const { api, controller, seriesId, price, formatTime, compact, onGoTo, onOrders } = props;
  const t = useT();
  const picture = useStored(controller.picture, (state) => state);
  const chosen = useStored(replayChoices, (state) => state.kinds);
  const outline = useOutline(api, seriesId, picture.furthest);
  const ticks = useTicks(api, seriesId, chosen, picture.furthest);
  const kinds = outline?.kinds ?? DEFAULT_KINDS;
  const { phase } = picture;
  const ready = phase === "paused" || phase === "playing" || phase === "ended";
  const play = phase === "playing" ? "pause" : phase === "ended" ? "again" : "play";
  return (
    <section
      aria-label={t("replay.bar")}
      data-testid="replay-bar"
      data-phase={phase}
      className="absolute right-(--tc-price-axis,64px) bottom-[max(var(--tc-time-axis,28px),var(--covered,0px))] left-0 z-10 flex h-11 items-center gap-0.5 border-t border-replay bg-bg-2 px-1.5"
    >
      <Control icon="exit" id="exit" label={t("replay.exit")} keys="Alt+B" run={() => controller.leave()} />
      {!compact && <Control icon="toStart" id="start" label={t("replay.toStart")} run={() => controller.toStart()} />}
      <Control
        icon="stepBack"
        id="back"
        label={t("replay.back")}
        keys=","
        off={!ready}
        run={() => controller.step(-1)}
      />
      <Control
        icon={phase === "playing" ? "pause" : phase === "ended" ? "replay" : "play"}
        id="toggle"
        label={t(`replay.${play}`)}
        keys="Space"
        off={!ready}
        run={() => controller.toggle()}
      />
      <Control
        icon="stepForward"
        id="forward"
        label={t("replay.forward")}
        keys="."
        off={!ready || phase === "ended"}
        run={() => controller.step(1)}
      />
      {!compact && (
        <>
          <Control
            icon="previousEvent"
            id="previous"
            label={t("replay.previous")}
            keys="["
            off={!ready || chosen.length === 0}
            run={() => controller.jump(-1)}
          />
          <Control
            icon="nextEvent"
            id="next"
            label={chosen.length === 0 ? t("replay.events.none") : t("replay.next")}
            keys="]"
            off={!ready || chosen.length === 0}
            run={() => controller.jump(1)}
          />
          <EventMenu controller={controller} kinds={kinds} />
        </>
      )}
      <SpeedControl controller={controller} compact={compact} />
      {!compact && (
        <Scrubber
          controller={controller}
          picture={picture}
          outline={outline}
          ticks={ticks}
          price={price}
          formatTime={formatTime}
        />
      )}
      <Place controller={controller} picture={picture} formatTime={formatTime} compact={compact}>
        {said(picture, t)}
      </Place>
      {!compact && <Control icon="calendar" id="goTo" label={t("replay.goTo")} keys="Alt+G" run={onGoTo} />}
      {!compact && <Control icon="orders" id="orders" label={t("replay.orders")} run={onOrders} />}
    </section>
  );
}

interface ControlProps {
  icon: Parameters<typeof IconButton>[0]["icon"];
  id: string;
  label: string;
  keys?: string;
  off?: boolean;
  run: () => void;
}

function Control({ icon, id, label, keys, off = false, run }: ControlProps) {
  return (
    <IconButton
      icon={icon}
      label={label}
      keys={keys}
      data-cmd={`replay.${id}`}
      aria-disabled={off}
      className={off ? "opacity-45" : ""}
      onClick={() => {
        if (!off) run();
      }}
    />
  );
}

/** What there is to say beside the clock; empty most of the time. */
function said(picture: ReplayPicture, t: ReturnType<typeof useT>): string {
  const { phase, moment, nothing, rate, speed, link, leaving } = picture;
  if (leaving) return t("replay.exitAgain");
  if (link.status === "reconnecting" || link.status === "offline") return t("replay.reconnecting");
  if (moment) return moment.kinds.map((kind) => kindName(kind, t)).join(" · ");
  if (nothing) return t("replay.nothing");
  if (phase === "ended") return t("replay.ended");
  if (phase === "preparing") return t("replay.preparing");
  if (phase === "playing" && rate !== null && rate < BEHIND_SHARE * speed)
    return t("replay.behind", { rate: Math.round(rate), speed });
  return "";
}

interface PlaceProps {
  controller: ReplayController;
  picture: ReplayPicture;
  formatTime: (time: number) => string;
  compact: boolean;
  children: ReactNode;
}

/** The clock goes with every painted bar, past React. */
function Place({ controller, picture, formatTime, compact, children }: PlaceProps) {
  const t = useT();
  const clock = useRef<HTMLSpanElement>(null);
  const count = useRef<HTMLSpanElement>(null);
  const { first, last, step } = picture;
  useEffect(() => {
    const write = () => {
      const at = controller.at();
      if (clock.current) clock.current.textContent = formatTime(at);
      if (!count.current || first === null || last === null) return;
      const [index, total] = [moveNumber(at, first, step), moveNumber(last, first, step)];
      count.current.textContent = t("replay.count", { index, total });
    };
    write();
    return controller.onFrame(write);
  }, [controller, formatTime, first, last, step, t]);
  return (
    <div className="flex min-w-0 flex-col overflow-hidden px-1.5 text-right text-11 leading-tight tabular-nums">
      <span
        ref={clock}
        data-testid="replay-clock"
        className="font-semibold whitespace-nowrap text-replay max-[359px]:sr-only"
      />
      <span className="flex min-w-0 justify-end gap-2 text-text-2">
        <span role="status" data-testid="replay-said" className="min-w-0 max-w-[26ch] truncate">
          {children}
        </span>
        {!compact && <span ref={count} data-testid="replay-count" className="whitespace-nowrap" />}
      </span>
    </div>
  );
}
