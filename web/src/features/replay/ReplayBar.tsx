import { useEffect, useLayoutEffect, useMemo, useRef } from "react";
import type { ApiClient } from "../../api/client";
import { useT } from "../../i18n/react";
import { IconButton } from "../../ui/controls/Button";
import { useStored } from "../../ui/storage/useStored";
import { DEFAULT_KINDS, replayChoices } from "./choices";
import type { ReplayController, ReplayPicture } from "./controller";
import { EventMenu } from "./EventMenu";
import { type BarRoom, heightOf, PARTS, WORDS_ROW_PX } from "./room";
import { Scrubber } from "./Scrubber";
import { SpeedControl } from "./SpeedControl";
import { moveNumber, type Tick } from "./scrubber";
import { useBarRoom } from "./useBarRoom";
import { useOutline, useTicks } from "./useHistory";
import { kindName } from "./words";

export interface ReplayBarProps {
  api: Pick<ApiClient, "replay" | "factorSlices">;
  controller: ReplayController;
  seriesId: string;
  /** Last close on the chart. */
  price: () => number | null;
  formatTime: (time: number) => string;
  /** Own trades on paper. */
  fills: readonly Tick[];
  /** Height of the bar, CSS pixels: bars and volume keep off it. */
  onHeight: (px: number) => void;
  /** A control was used with the pointer: the keys are the chart's again. */
  onUsed: () => void;
  onGoTo: () => void;
  onOrders: () => void;
}

/** A playing replay that comes to less than this share of its speed says so. */
const BEHIND_SHARE = 0.9;

/** The controls of a replay, on the chart above the time axis. */
export function ReplayBar(props: ReplayBarProps) {
  const { api, controller, seriesId, price, formatTime, fills, onHeight, onUsed, onGoTo, onOrders } = props;
  const t = useT();
  const picture = useStored(controller.picture, (state) => state);
  const chosen = useStored(replayChoices, (state) => state.kinds);
  const outline = useOutline(api.replay, seriesId, picture.furthest);
  const events = useTicks(api, seriesId, chosen, { until: picture.furthest, shown: picture.first !== null });
  const ticks = useMemo(() => [...events, ...fills], [events, fills]);
  const bar = useRef<HTMLElement>(null);
  const room = useBarRoom(bar);
  const height = heightOf(room);
  useLayoutEffect(() => onHeight(height), [onHeight, height]);
  useEffect(() => (bar.current ? afterPointer(bar.current, onUsed) : undefined), [onUsed]);
  const { phase } = picture;
  const ready = phase === "paused" || phase === "playing" || phase === "ended";
  const place = <Place controller={controller} picture={picture} formatTime={formatTime} rows={room.rows} />;
  return (
    <section
      ref={bar}
      aria-label={t("replay.bar")}
      data-testid="replay-bar"
      data-phase={phase}
      data-rows={room.rows}
      style={{ height }}
      className="absolute right-(--tc-price-axis,64px) bottom-[max(var(--tc-time-axis,28px),var(--covered,0px))] left-0 z-10 flex flex-col justify-center border-t border-replay bg-bg-2 px-1.5"
    >
      {room.rows === 2 && place}
      <div className={`flex min-h-0 flex-1 items-center gap-0.5 ${room.scrubber ? "" : "justify-between"}`}>
        <Moves controller={controller} phase={phase} room={room} />
        {room.events && (
          <Events
            controller={controller}
            kinds={outline?.kinds ?? DEFAULT_KINDS}
            off={!ready || chosen.length === 0}
            none={chosen.length === 0}
            previous={room.previous}
          />
        )}
        <SpeedControl controller={controller} list={!room.slider} />
        {room.scrubber && (
          <Scrubber
            controller={controller}
            picture={picture}
            outline={outline}
            ticks={ticks}
            price={price}
            formatTime={formatTime}
          />
        )}
        {room.rows === 1 && place}
        {room.goTo && <Control icon="calendar" id="goTo" label={t("replay.goTo")} keys="Alt+G" run={onGoTo} />}
        {room.orders && <Control icon="orders" id="orders" label={t("replay.orders")} run={onOrders} />}
      </div>
    </section>
  );
}

/** What opens a layer, and the lists, keep the focus that they need. */
const KEEPS_FOCUS = "[aria-haspopup], [popover], select, [role=slider]";

/** Tells of clicks with a pointer; those of keys have no count. Returns the way to stop. */
function afterPointer(bar: HTMLElement, run: () => void): () => void {
  const used = ({ detail, target }: MouseEvent) => {
    if (detail > 0 && target instanceof Element && target.closest(KEEPS_FOCUS) === null) run();
  };
  bar.addEventListener("click", used);
  return () => bar.removeEventListener("click", used);
}

interface MovesProps {
  controller: ReplayController;
  phase: ReplayPicture["phase"];
  room: BarRoom;
}

/** Out, back to the start, and one step or all of them. */
function Moves({ controller, phase, room }: MovesProps) {
  const t = useT();
  const ready = phase === "paused" || phase === "playing" || phase === "ended";
  const play = phase === "playing" ? "pause" : phase === "ended" ? "again" : "play";
  return (
    <>
      <Control icon="exit" id="exit" label={t("replay.exit")} keys="Alt+B" run={() => controller.leave()} />
      {room.start && <Control icon="toStart" id="start" label={t("replay.toStart")} run={() => controller.toStart()} />}
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
    </>
  );
}

interface EventsProps {
  controller: ReplayController;
  kinds: readonly string[];
  off: boolean;
  /** No kind is chosen. */
  none: boolean;
  previous: boolean;
}

/** To the events before and after, and which these are. */
function Events({ controller, kinds, off, none, previous }: EventsProps) {
  const t = useT();
  return (
    <>
      {previous && (
        <Control
          icon="previousEvent"
          id="previous"
          label={t("replay.previous")}
          keys="["
          off={off}
          run={() => controller.jump(-1)}
        />
      )}
      <Control
        icon="nextEvent"
        id="next"
        label={t(none ? "replay.events.none" : "replay.next")}
        keys="]"
        off={off}
        run={() => controller.jump(1)}
      />
      <EventMenu controller={controller} kinds={kinds} />
    </>
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

/** On the smallest screens buttons are narrower than high. */
const SHARED = { flexShrink: 1, minWidth: 24, flexBasis: "var(--control)" };

function Control({ icon, id, label, keys, off = false, run }: ControlProps) {
  return (
    <IconButton
      icon={icon}
      label={label}
      keys={keys}
      data-cmd={`replay.${id}`}
      aria-disabled={off}
      style={SHARED}
      className={off ? "opacity-45" : ""}
      onClick={() => {
        if (!off) run();
      }}
    />
  );
}

interface Words {
  readonly text: string;
  /** Changes all the time: it is to be seen, and not to be read out. */
  readonly quiet: boolean;
}

/** What there is to say beside the clock; empty most of the time. */
function said(picture: ReplayPicture, t: ReturnType<typeof useT>, formatTime: (time: number) => string): Words {
  const { phase, rate, speed } = picture;
  const words = spoken(picture, t, formatTime);
  if (words === null && phase === "playing" && rate !== null && rate < BEHIND_SHARE * speed) {
    return { text: t("replay.behind", { rate: Math.round(rate), speed }), quiet: true };
  }
  return { text: words ?? "", quiet: false };
}

function spoken(
  { phase, moment, nothing, link, leaving, refused, queued }: ReplayPicture,
  t: ReturnType<typeof useT>,
  formatTime: (time: number) => string,
): string | null {
  if (leaving) return t("replay.exitAgain");
  if (link.status === "reconnecting" || link.status === "offline") {
    if (refused) return t("replay.refused");
    return queued === null ? t("replay.reconnecting") : t("replay.queued", { time: formatTime(queued) });
  }
  if (moment) return moment.kinds.map((kind) => kindName(kind, t)).join(" · ");
  if (nothing) return t("replay.nothing");
  if (phase === "ended") return t("replay.ended");
  if (phase === "preparing") return t("replay.preparing");
  return null;
}

interface PlaceProps {
  controller: ReplayController;
  picture: ReplayPicture;
  formatTime: (time: number) => string;
  rows: BarRoom["rows"];
}

/** Where it stands, and a word on it. The place of both is the same whether there is a word or not. */
function Place({ controller, picture, formatTime, rows }: PlaceProps) {
  const t = useT();
  const words = said(picture, t, formatTime);
  const clock = <Clock controller={controller} picture={picture} formatTime={formatTime} rows={rows} />;
  const line = (
    <span
      data-testid="replay-said"
      data-tip={words.text}
      aria-hidden={words.quiet}
      style={rows === 1 ? { width: PARTS.words } : {}}
      className={rows === 1 ? "line-clamp-2 shrink-0 text-right text-text-2" : "min-w-0 truncate text-text-2"}
    >
      {words.text}
    </span>
  );
  return (
    <div
      style={rows === 2 ? { height: WORDS_ROW_PX } : {}}
      className={`flex shrink-0 items-center text-11 leading-tight tabular-nums ${rows === 1 ? "gap-0.5" : "justify-between gap-3 pt-1.5 pr-1.5 pl-1"}`}
    >
      <span role="status" className="sr-only">
        {!words.quiet && words.text}
      </span>
      {rows === 1 ? line : clock}
      {rows === 1 ? clock : line}
    </div>
  );
}

/** Goes with every painted bar, past React. */
function Clock({ controller, picture, formatTime, rows }: PlaceProps) {
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
    <span
      style={rows === 1 ? { width: PARTS.clock } : {}}
      className={`flex shrink-0 whitespace-nowrap ${rows === 1 ? "flex-col pr-1.5 text-right" : "gap-3"}`}
    >
      <span ref={clock} data-testid="replay-clock" className="font-semibold text-replay" />
      <span ref={count} data-testid="replay-count" className={`text-text-2 ${rows === 2 ? "max-phone:hidden" : ""}`} />
    </span>
  );
}
