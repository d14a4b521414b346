/** Brings one series at a time onto the chart: its session, its bars, its drawing, and the switch between two series. */
import { parseSeriesId } from "../api/series";
import type { SeriesId } from "../api/types";
import type { ChartSession, Rebuilt, SessionListener } from "../feed/chart-session";
import { type DrawingState, EMPTY_DRAWINGS, featuresOf } from "../feed/drawings";
import type { Ledger } from "../feed/ledger";
import type { PastDrawings } from "../feed/past-drawings";
import { SeriesSession } from "../feed/session";
import { type CandleWindow, lastTime, type WindowChange } from "../feed/window";
import { keepView } from "./anchor";
import { boundariesOf } from "./boundaries";
import type { ContentOptions } from "./content-parts";
import { growPrecision } from "./format/price";
import { type TimeFormat, timeFormat } from "./format/time";
import { Gaps } from "./gaps";
import { measureSwitch } from "./marks";
import { type Opening, placeView } from "./opening";
import { CandlePace } from "./pace";
import type { GapSpan } from "./slots";
import type { ChartFormats } from "./types";
import { chartFormats } from "./values";

const SKELETON_AFTER_MS = 400;
const FIRST_SKELETON_AFTER_MS = 150;

export class Content {
  private readonly options: ContentOptions;
  private current: ChartSession | null = null;
  private onScreen: ChartSession | null = null;
  private paintedSeries: SeriesId | null = null;
  private opening: Opening | null = null;
  private openedAtMs = 0;
  private switching = false;
  private skeletonTimer: ReturnType<typeof setTimeout> | undefined;
  private heldDrawings = false;
  /** Bars of the current session were set and not painted yet. */
  private unpainted = false;
  private behind = false;
  /** Shown in place of the drawing of the session, while its series is on the chart. */
  private past: PastDrawings | null = null;
  private digits = 0;
  private format: TimeFormat;
  private readonly gaps: Gaps;
  private readonly pace = new CandlePace((window, change) => this.candles(window, change));

  constructor(options: ContentOptions) {
    this.options = options;
    const { locale, timeZone } = options.settings();
    this.format = timeFormat(locale, timeZone, 60);
    this.gaps = new Gaps({
      deps: options.deps,
      now: options.now,
      onChange: () => this.refreshAnnotations(),
      onGap: (series, change) => options.onNotice({ kind: "gap", series, change }),
    });
  }

  session(): ChartSession | null {
    return this.current;
  }

  /** Series whose candles were painted. */
  painted(): SeriesId | null {
    return this.paintedSeries;
  }

  /** Something was opened and is not on screen yet. */
  opens(): boolean {
    return this.switching;
  }

  precision(): number {
    return this.digits;
  }

  time(): TimeFormat {
    return this.format;
  }

  formats(): ChartFormats {
    return chartFormats(this.digits, this.options.settings(), this.format);
  }

  /** What is known of the drawn objects; null before the first frame. */
  ledger(): Ledger | null {
    return this.shownPast()?.ledger ?? this.current?.drawings().ledger() ?? null;
  }

  /** Words on a hole. */
  gapWords(gap: GapSpan): readonly string[] {
    return this.gaps.words(gap, this.options.settings().text, this.formats());
  }

  /** Whether something on the chart moves by itself. */
  isMoving(): boolean {
    return this.gaps.isMoving();
  }

  open(seriesId: SeriesId, opening: Opening): void {
    const { stage, navigation, bars } = this.options.parts;
    const shown = this.paintedSeries === null ? null : { seriesId: this.paintedSeries, window: bars.window() };
    this.close();
    this.opening = opening;
    this.switching = true;
    this.openedAtMs = performance.now();
    const old = this.paintedSeries !== null;
    stage.setSwitching(old);
    this.skeletonTimer = setTimeout(() => stage.setSkeleton(true), old ? SKELETON_AFTER_MS : FIRST_SKELETON_AFTER_MS);
    navigation.setMargin(opening.margin ?? null);
    const listener = this.listener();
    const { deps, now } = this.options;
    const { at } = opening;
    this.current =
      opening.make?.({ listener, shown }) ??
      new SeriesSession({ api: deps.api, socket: deps.socket, seriesId, listener, now, ...(at !== null && { at }) });
    this.gaps.open(seriesId);
    this.setTitle();
  }

  /** Starts the window anew elsewhere in time. */
  async restart(opening: Opening): Promise<void> {
    this.opening = opening;
    await this.current?.restart(opening.at ?? undefined);
  }

  close(): void {
    this.current?.stop();
    this.current = null;
    this.gaps.close();
    this.pace.drop();
    clearTimeout(this.skeletonTimer);
    this.heldDrawings = false;
    this.unpainted = false;
    this.behind = false;
  }

  /** Shows the drawing of a moment in place of that of the session; null: that one again. */
  hold(past: PastDrawings | null): void {
    this.past = past;
    const session = this.current;
    if (session && this.onScreen === session && !this.unpainted) this.showDrawings(session.drawings().drawings(), null);
  }

  /** Language or zone changed: the axis texts and tick weights are made again from the same bars. */
  relabel(): void {
    const { surface, bars } = this.options.parts;
    this.applyTimeFormat();
    const window = bars.window();
    keepView(surface, bars, () => {
      bars.replace({ ...window, candles: [], forming: null });
      bars.replace(window);
    });
    this.reslot();
    this.setTitle();
  }

  /** Colours changed: bars carry some of them. */
  recolour(): void {
    const { surface, bars } = this.options.parts;
    keepView(surface, bars, () => bars.replace(bars.window()));
    this.reslot();
  }

  /** After a frame was drawn. Returns whether it was the first one with this series. */
  framePainted(): boolean {
    const session = this.current;
    if (!session || !this.unpainted) return false;
    // A container without a width yet could not be given its view.
    this.place();
    this.unpainted = false;
    this.paintedSeries = session.seriesId;
    if (this.switching) measureSwitch(this.openedAtMs);
    this.switching = false;
    const drawing = session.drawings().drawings();
    if (this.heldDrawings && !this.isAhead(drawing)) this.showDrawings(drawing, null);
    this.options.onChange();
    return true;
  }

  /** The page became visible again: one repaint catches up. */
  catchUp(): void {
    const session = this.current;
    if (!this.behind || !session) return;
    this.behind = false;
    this.pace.drop();
    this.replaceBars(session.window());
    this.showDrawings(session.drawings().drawings(), null);
  }

  refreshAnnotations(): void {
    const { annotations, bars, labels, structures, stage, scene } = this.options.parts;
    const settings = this.options.settings();
    const window = bars.window();
    if (this.onScreen === this.current) this.gaps.look(window);
    annotations.setInput({
      ...this.gaps.bands(bars.slots(), settings),
      boundaries: boundariesOf({
        window,
        slots: bars.slots(),
        drawnTo: structures.state().toTime,
        drawStatus: this.current?.drawings().status() ?? "none",
        text: settings.text,
        time: this.format,
      }),
      legendHeight: stage.legend.element.offsetHeight,
    });
    labels.renew();
    scene.invalidate(2);
  }

  private listener(): SessionListener {
    return {
      onStart: (window) => this.start(window),
      onCandles: (window, change) => this.pace.take(window, change),
      onDrawings: (state, features) => this.drawings(state, features),
      onRebuilt: (window, rebuilt) => this.rebuilt(window, rebuilt),
      onStatus: () => {
        if (this.paintedSeries === this.current?.seriesId) this.refreshAnnotations();
        else if (this.current?.failure() && this.onScreen !== this.current) this.clear();
        this.options.onChange();
      },
    };
  }

  private start(window: CandleWindow): void {
    const session = this.current;
    if (!session) return;
    const { stage, surface, structures, bars, scene } = this.options.parts;
    clearTimeout(this.skeletonTimer);
    if (this.onScreen !== session) {
      this.onScreen = session;
      this.unpainted = true;
      this.digits = 0;
      structures.setDrawings(EMPTY_DRAWINGS, new Set(this.activeFeatures()));
      stage.legend.resetWidths();
      this.options.onSwitch();
      surface.autoScale();
      this.applyTimeFormat();
      this.heldDrawings = true;
    }
    this.pace.drop();
    this.grow(window.candles);
    bars.replace(window);
    this.place();
    this.reslot();
    scene.invalidate(4);
    stage.setSkeleton(false);
    stage.setSwitching(false);
    this.options.onChange();
  }

  /** What was asked for cannot be had: the bars of another series do not stand for it. */
  private clear(): void {
    const { stage, bars, structures } = this.options.parts;
    clearTimeout(this.skeletonTimer);
    stage.setSkeleton(false);
    stage.setSwitching(false);
    if (bars.newest() === null) return;
    this.paintedSeries = null;
    this.onScreen = null;
    this.pace.drop();
    structures.setDrawings(EMPTY_DRAWINGS, new Set(this.activeFeatures()));
    this.replaceBars({ ...bars.window(), candles: [], forming: null });
    this.options.onSwitch();
  }

  private place(): void {
    const { navigation, bars, surface } = this.options.parts;
    const opening = this.opening;
    if (!opening || bars.slots().length === 0 || surface.width() <= 0) return;
    this.opening = null;
    placeView(opening, navigation, bars);
  }

  private candles(window: CandleWindow, change: WindowChange): void {
    const { bars, scene } = this.options.parts;
    if (document.hidden) {
      this.behind = true;
      return;
    }
    const wasEmpty = bars.newest() === null;
    this.grow(
      change.kind === "append" ? window.candles.slice(-change.count) : change.kind === "replace" ? window.candles : [],
    );
    if (change.kind === "cut") this.replaceBars(window, () => bars.advance(window, change) || bars.replace(window));
    else if (bars.advance(window, change)) {
      if (change.kind === "append") {
        this.refreshAnnotations();
        scene.invalidate(3);
      } else scene.invalidate(1);
    } else this.replaceBars(window);
    if (wasEmpty) this.place();
    const waiting = this.current?.drawings().drawings();
    if (this.heldDrawings && waiting && !this.unpainted && !this.isAhead(waiting)) this.showDrawings(waiting, null);
    this.options.onChange();
  }

  private drawings(state: DrawingState, features: ReadonlySet<string>): void {
    if (document.hidden) {
      this.behind = true;
      return;
    }
    this.pace.flush();
    // Bars are painted first; their drawing follows with the next frame. No drawing is shown before its candle.
    if (this.unpainted || this.onScreen !== this.current || this.isAhead(state)) this.heldDrawings = true;
    else this.showDrawings(state, this.heldDrawings ? null : features);
  }

  private isAhead({ toTime }: DrawingState): boolean {
    const window = this.current?.window();
    return window?.atHead === true && (toTime ?? 0) > (lastTime(window) ?? 0);
  }

  private rebuilt(window: CandleWindow, { drawings, epoch, from }: Rebuilt): void {
    const session = this.current;
    if (!session) return;
    this.pace.drop();
    if (document.hidden) this.behind = true;
    else {
      this.replaceBars(window);
      if (drawings) this.showDrawings(drawings, null);
    }
    this.options.onNotice({ kind: "rebuild", series: session.seriesId, epoch, from });
  }

  private shownPast(): PastDrawings | null {
    return this.past?.seriesId === this.current?.seriesId ? this.past : null;
  }

  /** `features` null: all of them. */
  private showDrawings(now: DrawingState, features: ReadonlySet<string> | null): void {
    const { structures, scene } = this.options.parts;
    const past = this.shownPast();
    const state = past?.drawings ?? now;
    this.heldDrawings = false;
    if (past && state === structures.state()) return;
    if (structures.state().active.length === 0 && state.active.length > 0) scene.fadeIn();
    const changed = features ?? new Set([...this.activeFeatures(), ...featuresOf(state)]);
    structures.setDrawings(state, changed);
    this.refreshAnnotations();
    scene.invalidate(3);
    this.options.onChange();
  }

  private activeFeatures(): Iterable<string> {
    return featuresOf(this.options.parts.structures.state());
  }

  private replaceBars(
    window: CandleWindow,
    replace: () => unknown = () => this.options.parts.bars.replace(window),
  ): void {
    const { surface, bars, scene } = this.options.parts;
    keepView(surface, bars, replace);
    this.reslot();
    scene.invalidate(4);
  }

  private reslot(): void {
    const { structures, bars } = this.options.parts;
    structures.setSlots(bars.slots());
    this.refreshAnnotations();
  }

  private grow(candles: CandleWindow["candles"]): void {
    const grown = growPrecision(this.digits, candles);
    if (grown === this.digits && candles.length < 2) return;
    this.digits = grown;
    this.options.parts.surface.setPrecision(grown);
  }

  private applyTimeFormat(): void {
    const { locale, timeZone } = this.options.settings();
    this.format = timeFormat(locale, timeZone, this.current?.timeframe ?? 60);
    this.options.parts.surface.setTimeFormat(locale, this.format);
  }

  private setTitle(): void {
    const { stage } = this.options.parts;
    const { text } = this.options.settings();
    const parts = this.current ? parseSeriesId(this.current.seriesId) : null;
    stage.legend.setTitle(parts, text);
    stage.legend.setText(text);
    if (parts) stage.setName(text.chartName(parts.symbol, parts.timeframe));
  }
}
