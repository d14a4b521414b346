import { type ReactNode, useEffect, useState } from "react";
import type { ReplayApi } from "../../api/replay-api";
import { parseSeriesId, timeframeSeconds } from "../../api/series";
import { useT } from "../../i18n/react";
import { Button } from "../../ui/controls/Button";
import { Segmented } from "../../ui/controls/Choice";
import { Fact, Facts } from "../../ui/controls/Facts";
import { Keys } from "../../ui/controls/Keys";
import { EmptyState } from "../../ui/feedback/States";
import { useStored } from "../../ui/storage/useStored";
import { DEFAULT_KINDS } from "./choices";
import type { ReplayController } from "./controller";
import { EventChoices } from "./EventMenu";
import { PACKAGE_BARS, PackageSection } from "./PackageSection";
import { SpeedControl } from "./SpeedControl";
import type { ReplayStore } from "./slot";
import { useOutline } from "./useHistory";
import { kindName } from "./words";

export interface ReplayPanelProps {
  api: ReplayApi;
  slot: ReplayStore;
  seriesId: string;
  /** Shortest stored timeframe that the bars are made of; null: they are the shortest. */
  base: string | null;
  /** Timeframe whose candles move the time; null: the bars do. */
  clock: string | null;
  /** Another timeframe moves the time; null: the bars do. */
  onStep: (timeframe: string | null) => void;
  formatTime: (time: number) => string;
  onOpen: (seriesId: string, time: number) => void;
  onPick: () => void;
}

const STILL_MS = 500;
/** Moves by the bars of the series: no timeframe is called so. */
const BARS = "bars";

/** The replay with room for words: where it stands, how it moves, what it looks for, and its package. */
export default function ReplayPanel(props: ReplayPanelProps) {
  const controller = useStored(props.slot, (state) => state.controller);
  if (controller) return <Open {...props} controller={controller} />;
  return <NoReplay onPick={props.onPick} />;
}

function NoReplay({ onPick }: { onPick: () => void }) {
  const t = useT();
  return (
    <div data-panel="replay" data-state="empty" data-rows="0">
      <EmptyState icon="replay" title={t("replay.panel.none")} text={t("replay.panel.none.text")}>
        <Button onClick={onPick}>{t("replay.pick")}</Button>
      </EmptyState>
    </div>
  );
}

const KEYS = [
  ["Space", "replay.play"],
  [".", "replay.forward"],
  [",", "replay.back"],
  ["]", "replay.next"],
  ["[", "replay.previous"],
  ["Alt+B", "replay.exit"],
] as const;

function Open({ controller, ...props }: ReplayPanelProps & { controller: ReplayController }) {
  const { api, seriesId, base, clock, formatTime, onStep, onOpen } = props;
  const t = useT();
  const picture = useStored(controller.picture, (state) => state);
  const outline = useOutline(api, seriesId, picture.furthest);
  const { phase, at, start, furthest, first, last, moment } = picture;
  const stands = phase === "paused" || phase === "ended";
  const stood = useStill(stands ? at : null);
  const bars = first === null ? PACKAGE_BARS : Math.min(PACKAGE_BARS, barsUpTo(stood ?? at, first, seriesId));
  const state = phase === "error" ? "error" : phase === "preparing" ? "loading" : "ready";
  return (
    <div
      data-panel="replay"
      data-state={state}
      data-rows="0"
      className="grid min-h-0 flex-1 grid-cols-[repeat(auto-fit,minmax(230px,1fr))] gap-x-6 gap-y-4 overflow-y-auto p-3 [scrollbar-gutter:stable]"
    >
      <Column title={t("replay.panel.position")}>
        <Facts>
          <Fact name={t("replay.panel.at")}>{formatTime(at)}</Fact>
          <Fact name={t("replay.panel.start")}>{formatTime(start)}</Fact>
          <Fact name={t("replay.panel.furthest")}>{formatTime(furthest)}</Fact>
          <Fact name={t("replay.panel.history")}>
            {first === null || last === null ? t("common.dash") : `${formatTime(first)} – ${formatTime(last)}`}
          </Fact>
          <Fact name={t("replay.panel.moment")}>
            {moment ? moment.kinds.map((kind) => kindName(kind, t)).join(", ") : t("common.dash")}
          </Fact>
        </Facts>
      </Column>
      <Column title={t("replay.panel.movement")}>
        <SpeedControl controller={controller} list={false} />
        {base !== null && (
          <div className="mt-2 flex flex-col items-start gap-1">
            <span className="text-12 text-text-3">{t("replay.panel.clock")}</span>
            <Segmented
              label={t("replay.panel.clock")}
              value={clock ?? BARS}
              options={[
                { value: BARS, label: t("replay.panel.clock.bar") },
                ...[...new Set([base, clock ?? base])].map((timeframe) => ({
                  value: timeframe,
                  label: t("replay.panel.clock.base", { timeframe }),
                })),
              ]}
              onChange={(value) => onStep(value === BARS ? null : value)}
            />
          </div>
        )}
        <dl className="mt-3 grid grid-cols-[auto_minmax(0,1fr)] items-center gap-x-3 gap-y-1 text-12 text-text-2">
          {KEYS.map(([chord, name]) => (
            <div key={chord} className="contents">
              <dt>
                <Keys chord={chord} />
              </dt>
              <dd>{t(name)}</dd>
            </div>
          ))}
        </dl>
      </Column>
      <Column title={t("replay.panel.events")}>
        <EventChoices controller={controller} kinds={outline?.kinds ?? DEFAULT_KINDS} />
      </Column>
      <Column title={t("replay.package.title")}>
        {stands && stood !== null ? (
          <PackageSection
            api={api}
            seriesId={seriesId}
            at={stood}
            bars={bars}
            formatTime={formatTime}
            onOpen={onOpen}
          />
        ) : (
          <p className="text-12 text-text-2">{t("replay.package.about", { n: bars })}</p>
        )}
      </Column>
    </div>
  );
}

/** The position where it last stood for a while: nobody asks about packages of what only passes by. */
function useStill(at: number | null): number | null {
  const [still, setStill] = useState<number | null>(null);
  useEffect(() => {
    if (at === null) return;
    const timer = setTimeout(() => setStill(at), STILL_MS);
    return () => clearTimeout(timer);
  }, [at]);
  return still;
}

/** Bars that fit between the oldest stored one and a time. */
function barsUpTo(at: number, first: number, seriesId: string): number {
  const timeframe = timeframeSeconds(parseSeriesId(seriesId)?.timeframe ?? "") ?? 60;
  return Math.max(1, Math.floor((at - first) / timeframe) + 1);
}

function Column({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="min-w-0">
      <h3 className="mb-1 text-12 font-semibold text-text-3">{title}</h3>
      {children}
    </section>
  );
}
