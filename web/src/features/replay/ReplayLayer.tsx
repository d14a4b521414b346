import { lazy, Suspense, useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";
import type { ApiClient } from "../../api/client";
import { listingKey } from "../../api/series";
import type { OverlayHandle } from "../../chart/overlay";
import type { ChartHost } from "../../chart/types";
import { useStored } from "../../ui/storage/useStored";
import { ReplayController } from "./controller";
import { FailureCard } from "./FailureCard";
import { Picking } from "./Picking";
import { sessionAtHand } from "./paper/at-hand";
import type { PaperDesk } from "./paper/desk";
import type { PaperState } from "./paper/model";
import { knownUntil, lengthOf, type Passed, samePlace, timeframeOf } from "./passed";
import { ReplayBar } from "./ReplayBar";
import type { Tick } from "./scrubber";
import { NO_REPLAY, type ReplayStore } from "./slot";
import { featuresOf } from "./words";

export interface ReplayLayerProps {
  api: ApiClient;
  host: ChartHost;
  slot: ReplayStore;
  seriesId: string;
  /** Where to be; absent: to be picked. */
  passed: Passed | undefined;
  /** Nothing later than that may be shown, even if nothing else can be. */
  exact: boolean;
  /** The series whose candles a paper account plays. */
  played: string;
  /** Bars in view that the address asks for. */
  bars: number | undefined;
  /** Timeframe whose candles move the time; null: the bars do; undefined: not known yet. */
  clock: string | null | undefined;
  formatTime: (time: number) => string;
  onPick: (time: number) => void;
  /** The position is another one; for the address. */
  onPosition: (passed: Passed) => void;
  onLeave: () => void;
  onGoTo: () => void;
  onOrders: () => void;
}

/** Not before somebody orders. */
const PaperLayer = lazy(() => import("./paper/PaperLayer"));

/** Position in the address: at most once in this time, milliseconds. */
const ADDRESS_MS = 1_000;

/** Everything of a replay that lies over the chart. */
export default function ReplayLayer(props: ReplayLayerProps) {
  const { api, host, slot, seriesId, passed, clock, onPick, onLeave, onGoTo } = props;
  const pick = useCallback(
    (time: number) => {
      slot.setState({ spacing: host.state().barSpacing });
      onPick(time);
    },
    [host, slot, onPick],
  );
  if (passed === undefined) {
    return <Picking api={api.replay} {...{ host, slot, seriesId, onGoTo }} onPick={pick} onCancel={onLeave} />;
  }
  return clock === undefined ? null : <Replaying {...props} passed={passed} clock={clock} />;
}

interface ReplayingProps extends ReplayLayerProps {
  passed: Passed;
  clock: string | null;
}

function Replaying(props: ReplayingProps) {
  const { api, host, seriesId, formatTime, onGoTo, onOrders } = props;
  const controller = useController(props);
  const paper = usePaper(props, controller);
  const price = useCallback(() => host.state().last?.close ?? null, [host]);
  const onHeight = useInset(host);
  const fills = useFills(paper);
  const onUsed = useCallback(() => host.focus(), [host]);
  if (!controller) return null;
  return (
    <>
      <div
        aria-hidden="true"
        data-testid="replay-frame"
        className="pointer-events-none absolute inset-0 z-20 border-2 border-replay"
      />
      <FailureCard api={api.replay} controller={controller} />
      <ReplayBar
        {...{ api, controller, seriesId, price, formatTime, fills }}
        {...{ onHeight, onUsed, onGoTo, onOrders }}
      />
      {paper && (
        <Suspense fallback={null}>
          <PaperLayer host={host} desk={paper} />
        </Suspense>
      )}
    </>
  );
}

/** The paper account of the market goes along with its replay, whatever timeframe and clock, and ends with it. */
function usePaper(
  { api, slot, seriesId, played }: ReplayingProps,
  controller: ReplayController | null,
): PaperDesk | null {
  const paper = useStored(slot, (state) => state.paper);
  const market = listingKey(seriesId);
  useEffect(() => slot.setState({ played }), [slot, played]);
  useEffect(() => {
    if (!controller || paper || sessionAtHand() === null) return;
    // The page was loaded again.
    void import("./paper/quick").then(({ goOn }) => goOn(slot, api)).catch(() => undefined);
  }, [controller, paper, slot, api]);
  // An order by a key must not come late because its code is still on the way.
  useEffect(() => {
    if (controller) void import("./paper/quick").catch(() => undefined);
  }, [controller]);
  useEffect(() => {
    if (!paper || !controller) return;
    paper.follow(controller);
    return () => paper.rest();
  }, [paper, controller]);
  useEffect(() => {
    if (!paper) return;
    // A page that goes may come back as it was.
    const keep = () => paper.save();
    addEventListener("pagehide", keep);
    return () => removeEventListener("pagehide", keep);
  }, [paper]);
  useEffect(
    () => () => {
      const { paper } = slot.getState();
      if (paper === null || paper.market !== market) return;
      paper.end("keep");
      paper.rest();
      slot.setState({ paper: null });
    },
    [slot, market],
  );
  return paper;
}

const NO_FILLS: PaperState["fills"] = [];

/** Where the paper account bought and sold. */
function useFills(paper: PaperDesk | null): readonly Tick[] {
  const subscribe = useCallback((changed: () => void) => paper?.picture.subscribe(changed) ?? (() => {}), [paper]);
  const fills = useSyncExternalStore(subscribe, () => paper?.state().fills ?? NO_FILLS);
  return useMemo(() => fills.map(({ time }) => ({ time, kind: "paper.fill" })), [fills]);
}

/** Bars and volume keep off what covers the lower part of the plot. Takes its height in CSS pixels, also before it is drawn. */
function useInset(host: ChartHost): (px: number) => void {
  const wanted = useRef(0);
  const handle = useRef<OverlayHandle | null>(null);
  useEffect(() => {
    const made = host.attach({});
    handle.current = made;
    made.setInset(wanted.current);
    return () => {
      handle.current = null;
      made.setInset(0);
      made.detach();
    };
  }, [host]);
  return useCallback((px) => {
    wanted.current = px;
    handle.current?.setInset(px);
  }, []);
}

/** Makes a controller for the series and the clock, and keeps address and slot in step with it. */
function useController(props: ReplayingProps): ReplayController | null {
  const { api, host, slot, seriesId, passed, clock, bars, exact, onPosition, onLeave } = props;
  const [controller, setController] = useState<ReplayController | null>(null);
  const asked = useRef({ passed, exact, bars });
  /** Where the address has it already. */
  const known = useRef(passed);
  /** End of the candle with which the replay began, seconds; null: it begins. */
  const began = useRef<number | null>(null);
  useEffect(() => {
    asked.current = { ...asked.current, passed, exact };
  }, [passed, exact]);

  useEffect(() => {
    const { passed, exact, bars } = asked.current;
    const marks = host.attach({});
    const made = new ReplayController({
      ...{ api, host, seriesId, passed, exact, clock, onLeave },
      onFound: ({ kinds, time }) => {
        // Whoever looked elsewhere asked to see what is found.
        if (!inView(host, time)) host.follow();
        afterPaint(() => marks.mark(kinds.flatMap(featuresOf), time));
      },
      ...(bars !== undefined && { bars }),
      start: began.current ?? knownUntil(passed),
    });
    known.current = passed;
    slot.setState({ controller: made, actions: made });
    setController(made);
    const stop = keepInStep(made, slot, (passed) => {
      known.current = passed;
      onPosition(passed);
    });
    return () => {
      asked.current = { ...asked.current, bars: undefined };
      const step = lengthOf(clock ?? timeframeOf(seriesId));
      began.current = made.now().start + step;
      stop();
      made.stop();
      marks.detach();
      slot.setState(NO_REPLAY);
      setController(null);
    };
  }, [api, host, slot, seriesId, clock, onPosition, onLeave]);

  // An address that nobody here wrote: Back, or a pasted one.
  useEffect(() => {
    if (controller === null || samePlace(passed, known.current)) return;
    known.current = passed;
    controller.goBackTo(passed);
  }, [controller, passed]);
  return controller;
}

function inView(host: ChartHost, time: number): boolean {
  const { visible } = host.state();
  return visible !== null && visible.from <= time && time <= visible.to;
}

/** What a position brings lies on the chart once it is painted. */
function afterPaint(run: () => void): void {
  requestAnimationFrame(() => requestAnimationFrame(run));
}

function keepInStep(controller: ReplayController, slot: ReplayStore, write: (passed: Passed) => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let last = controller.standing();
  let wroteMs = Number.NEGATIVE_INFINITY;
  const look = () => {
    const { phase, at } = controller.picture.getState();
    slot.setState({ phase, at });
    if (phase === "preparing" || samePlace(controller.standing(), last)) return;
    timer ??= setTimeout(
      () => {
        timer = undefined;
        wroteMs = performance.now();
        last = controller.standing();
        write(last);
      },
      Math.max(0, wroteMs + ADDRESS_MS - performance.now()),
    );
  };
  look();
  const stop = controller.picture.subscribe(look);
  return () => {
    stop();
    clearTimeout(timer);
  };
}
