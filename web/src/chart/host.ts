/** The chart: one container, one series at a time, everything between the feed and the pixels. */
import "./chart.css";
import { parseSeriesId } from "../api/series";
import type { SeriesId } from "../api/types";
import { Annotations } from "./annotations";
import { applyOptions, scaleOf, styleOf } from "./appearance";
import { Bars } from "./bars";
import { type CommandTargets, runCommand } from "./commands";
import { Content } from "./content";
import { FactWriter } from "./facts";
import { Interaction } from "./interaction";
import { markFirstCandle, markFirstFrame, markNavigation } from "./marks";
import { Navigation } from "./navigation";
import { loadedSlot, openingAt } from "./opening";
import { type ChartOverlay, type OverlayHandle, Overlays } from "./overlay";
import { chartState, chartStatus, chartSummary, invalidSeries, keptEdge, type PictureInput } from "./picture";
import { Publisher } from "./publisher";
import { Readouts } from "./readouts";
import { type PaintLevel, Scene } from "./scene";
import { Stage } from "./stage";
import { Structures } from "./structures";
import { Surface } from "./surface";
import { ViewTracker } from "./tracking";
import type {
  ChartCommandId,
  ChartDeps,
  ChartFailure,
  ChartFormats,
  ChartHost,
  ChartNotice,
  ChartOptions,
  ChartState,
  ChartStatus,
  ChartSummary,
  CreateChartHost,
  LegendValues,
  OpenOptions,
} from "./types";
import { valuesAt } from "./values";

export const createChartHost: CreateChartHost = (container, deps) => new Host(container, deps);

const PUBLISH_INTERVAL_MS = 250;
const TICK_MS = 250;

class Host implements ChartHost {
  private readonly deps: ChartDeps;
  private readonly now: () => number;
  private settings: ChartOptions;
  private readonly stage: Stage;
  private readonly surface: Surface;
  private readonly bars: Bars;
  private readonly structures = new Structures();
  private readonly annotations = new Annotations();
  private readonly scene: Scene;
  private readonly navigation: Navigation;
  private readonly content: Content;
  private readonly readouts: Readouts;
  private readonly interaction: Interaction;
  private readonly overlays: Overlays;
  private readonly tracker: ViewTracker;
  private readonly facts: FactWriter;
  private readonly publisher: Publisher<ChartState>;
  private readonly notices = new Set<(notice: ChartNotice) => void>();
  private readonly abort = new AbortController();
  private readonly ticker: ReturnType<typeof setInterval>;
  private readonly stopConnection: () => void;
  private refusedId: ChartFailure | null = null;
  private frames = 0;
  private paint: PaintLevel = 1;
  /** Something will be painted; facts wait for that frame. */
  private waiting = false;
  private status: ChartStatus = "loading";
  private interrupted = false;

  constructor(container: HTMLElement, deps: ChartDeps) {
    markNavigation();
    this.deps = deps;
    this.now = deps.now ?? Date.now;
    this.settings = deps.options;
    this.stage = new Stage(container, deps.chartId);
    this.surface = new Surface(this.stage.plot);
    this.bars = new Bars(this.surface.candles, this.surface.volume, deps.options.tokens);
    const { stage, surface, bars, structures, annotations } = this;
    const parts = { stage, surface, bars, structures, annotations };
    this.readouts = new Readouts({
      ...parts,
      clock: deps.clock,
      live: () => deps.socket.state().status === "open",
      settings: () => this.settings,
      content: () => this.content,
      now: this.now,
    });
    this.interaction = new Interaction(
      {
        ...parts,
        content: () => this.content,
        readouts: () => this.readouts,
        text: () => this.settings.text,
        now: this.now,
        repaint: () => this.scene.invalidate(1),
        taken: ({ x }) => this.overlays.clickAt(x),
        quiet: () => this.overlays.quiet(),
        onChoice: (choice) => this.chosen(choice !== null),
      },
      this.abort.signal,
    );
    const { labels } = this.interaction;
    this.scene = new Scene(
      {
        ...{ surface, bars, structures, annotations, labels },
        paintPointer: (...target) => {
          for (const layer of [this.overlays, this.interaction]) layer.paint(...target);
        },
        lastPrice: () => this.readouts.lastPrice(),
        onPainted: (level) => this.painted(level),
        clock: () => performance.now(),
      },
      styleOf(deps.options),
    );
    this.navigation = new Navigation({
      element: this.stage.plot,
      surface: this.surface,
      bars: this.bars,
      defaultBars: () => this.settings.defaultBars,
      onCursor: (slot, byKey) => this.cursorMoved(slot, byKey),
      onMoved: () => this.changed(),
      onReset: () => this.navigation.showDefault(),
    });
    this.content = new Content({
      deps,
      parts: { ...parts, labels, scene: this.scene, navigation: this.navigation },
      now: this.now,
      settings: () => this.settings,
      onChange: () => this.changed(),
      onSwitch: () => this.interaction.forget(),
      onNotice: (notice) => this.tell(notice),
    });
    this.overlays = new Overlays({
      ...parts,
      cursor: () => this.readouts.hoverSlot(),
      repaint: () => this.scene.invalidate(1),
      mark: (features, time) => this.interaction.mark(features, time),
      hold: (past) => this.content.hold(past),
      onChange: () => this.changed(),
    });
    this.tracker = new ViewTracker({ content: this.content, navigation: this.navigation, bars, surface });
    this.facts = new FactWriter(container);
    this.publisher = new Publisher(() => this.state(), PUBLISH_INTERVAL_MS);
    this.publisher.subscribe(() => {
      if (!this.waiting) this.writeFacts();
    });
    this.stopConnection = deps.socket.onState(() => this.connectionChanged());
    this.ticker = setInterval(() => this.tick(), TICK_MS);
    document.addEventListener("visibilitychange", () => this.visibilityChanged(), { signal: this.abort.signal });
    this.apply({ visibility: {}, scale: scaleOf(deps.options), ...deps.options });
  }

  open(seriesId: SeriesId, options: OpenOptions = {}): void {
    this.refusedId = parseSeriesId(seriesId) === null ? invalidSeries(seriesId) : null;
    if (this.refusedId) {
      this.content.close();
      this.changed();
      return;
    }
    this.readouts.hover(null);
    this.tracker.forget();
    const at = options.at ?? (options.make ? null : keptEdge(this.state(), seriesId));
    this.content.open(seriesId, { ...options, at, place: "edge" });
    this.changed();
  }

  set(change: Partial<ChartOptions>): void {
    this.settings = { ...this.settings, ...change };
    this.apply(change);
    this.changed();
  }

  command(id: ChartCommandId): void {
    runCommand(id, this.targets());
    this.changed();
  }

  async goTo(time: number, bars?: number): Promise<void> {
    const slot = loadedSlot(this.bars, time);
    if (slot === null) await this.content.restart(openingAt(time, bars));
    else if (bars === undefined) this.navigation.showSlot(slot);
    else this.navigation.showBars(bars, slot);
  }

  follow(): void {
    if (this.bars.window().atHead) this.navigation.toEnd();
    else void this.content.restart({ at: null, place: "edge" });
    this.changed();
  }

  state(): ChartState {
    return chartState(this.picture());
  }

  subscribe(listener: (state: ChartState) => void): () => void {
    return this.publisher.subscribe(listener);
  }

  onNotice(listener: (notice: ChartNotice) => void): () => void {
    this.notices.add(listener);
    return () => this.notices.delete(listener);
  }

  describe(): ChartSummary {
    return chartSummary(this.picture());
  }

  formats(): ChartFormats {
    return this.content.formats();
  }

  choose(time: number | null): void {
    this.interaction.choose(time);
  }

  barAt(time: number): LegendValues | null {
    return valuesAt(this.bars, time);
  }

  spansGap(from: number, to: number): boolean {
    return this.bars.slots().spansGap(from, to);
  }

  priceAt(clientY: number): number | null {
    return this.content.painted() === null ? null : this.surface.priceAt(clientY);
  }

  takeBack(): boolean {
    return this.interaction.escape();
  }

  attach(overlay: ChartOverlay): OverlayHandle {
    return this.overlays.attach(overlay);
  }

  focus(): void {
    this.stage.container.focus();
  }

  destroy(): void {
    this.abort.abort();
    clearInterval(this.ticker);
    this.readouts.stop();
    this.interaction.stop();
    this.stopConnection();
    this.publisher.stop();
    this.content.close();
    this.navigation.stop();
    this.surface.destroy();
    this.stage.destroy();
  }

  private apply(change: Partial<ChartOptions>): void {
    const { stage, surface, bars, structures, scene, content } = this;
    applyOptions(change, this.settings, { stage, surface, bars, structures, scene, content });
  }

  private targets(): CommandTargets {
    return {
      navigation: this.navigation,
      surface: this.surface,
      scale: scaleOf(this.settings),
      setScale: (scale) => this.set({ scale }),
      follow: () => this.follow(),
      takeBack: () => {
        if (!this.interaction.escape()) this.navigation.clearCursor();
      },
      inspect: () => this.inspectCursor(),
      stepObject: (direction) => this.interaction.step(direction),
      measure: () => this.interaction.measureFrom(this.readouts.hoverSlot() ?? this.navigation.lastSlot()),
      retry: () => this.content.session()?.retry(),
      retryDrawings: () => this.content.session()?.drawings().retryNow(),
    };
  }

  private inspectCursor(): void {
    const slot = this.readouts.hoverSlot();
    if (this.overlays.click(slot ?? this.navigation.lastSlot())) return;
    const bar = (slot === null ? null : this.bars.at(slot)) ?? this.bars.newest();
    if (bar) this.interaction.choose(bar.candle_time);
  }

  /** The answer to a click is seen at once, not with the next picture of the stream. */
  private chosen(asked: boolean): void {
    this.publisher.flush();
    if (asked) this.tell({ kind: "inspect" });
  }

  private tell(notice: ChartNotice): void {
    for (const listener of this.notices) listener(notice);
  }

  private picture(): PictureInput {
    return {
      chartId: this.deps.chartId,
      session: this.content.session(),
      painted: this.content.painted(),
      opens: this.content.opens(),
      refusedId: this.refusedId,
      connection: this.deps.socket.state(),
      nowMs: this.now(),
      bars: this.bars,
      structures: this.structures,
      navigation: this.navigation,
      hoverSlot: this.readouts.hoverSlot(),
      selected: this.interaction.selected(),
      leftAt: this.tracker.leftAt(),
      precision: this.content.precision(),
      scale: scaleOf(this.settings),
      manualPrice: !this.surface.isAutoScaled(),
      timeZone: this.settings.timeZone,
      time: this.content.time(),
    };
  }

  private changed(): void {
    this.readouts.write();
    this.interaction.renew();
    this.publisher.touch();
  }

  private connectionChanged(): void {
    const { status } = this.deps.socket.state();
    // Another process may answer now, with a market clock of its own.
    if (status === "open" && this.interrupted) refreshClock(this.deps);
    this.interrupted = status !== "open";
    this.changed();
  }

  private cursorMoved(slot: number | null, byKey: boolean): void {
    this.readouts.hover(slot);
    this.changed();
    if (!byKey) return;
    this.readouts.speak();
    this.interaction.cursorMoved(slot);
  }

  private painted(level: PaintLevel): void {
    this.frames += 1;
    this.paint = level;
    this.waiting = true;
    queueMicrotask(() => this.afterPaint(level));
  }

  private afterPaint(level: PaintLevel): void {
    this.waiting = false;
    const first = this.content.framePainted();
    if (this.bars.newest() !== null && this.content.painted() !== null) markFirstCandle();
    if (!first && this.structures.state().active.length > 0) markFirstFrame();
    if (level >= 2) {
      this.interaction.renew();
      this.stage.setEdges(this.surface.axisWidth(), this.surface.axisHeight(), this.navigation.lastBarPx());
      this.overlays.keepInset();
      this.tracker.look();
      this.publisher.touch();
    }
    this.writeFacts();
  }

  private writeFacts(): void {
    const { labels, overlaps } = this.interaction.labels.facts();
    const window = this.bars.window();
    this.facts.write({
      state: this.state(),
      lastClose: window.candles.at(-1)?.close ?? null,
      formingClose: window.forming?.close ?? null,
      segments: this.structures.facts(),
      labels,
      labelOverlaps: overlaps,
      frames: this.frames,
      paint: this.paint,
      more: { ...this.content.session()?.facts?.(), ...this.overlays.facts() },
    });
  }

  private tick(): void {
    if (document.hidden) return;
    if (this.readouts.tick() || this.content.isMoving()) this.scene.invalidate(1);
    const status = chartStatus(this.picture());
    if (status !== this.status) this.publisher.touch();
    this.status = status;
  }

  private visibilityChanged(): void {
    if (document.hidden) return;
    this.content.catchUp();
    refreshClock(this.deps);
  }
}

/** The clock of a sleeping page stands still. A failure is left to the clock, which asks again by itself. */
function refreshClock({ clock }: ChartDeps): void {
  clock.refresh().catch(() => undefined);
}
