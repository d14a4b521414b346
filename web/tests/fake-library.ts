import type { IPanePrimitivePaneView } from "lightweight-charts";

/**
 * The part of the chart library that the host uses, without a canvas: series keep their data, the time scale its view, and
 * `frame()` paints the attached primitives onto a context that remembers nothing.
 */
interface Item {
  readonly time: number;
  readonly close?: number;
  readonly value?: number;
}

interface Primitive {
  attached?(parameters: { requestUpdate(): void }): void;
  paneViews?(): readonly IPanePrimitivePaneView[];
  priceAxisPaneViews?(): readonly IPanePrimitivePaneView[];
}

export class FakeSeries {
  items: Item[] = [];
  setDataCalls = 0;
  updateCalls = 0;
  options: Record<string, unknown> = {};
  readonly primitives: Primitive[] = [];
  private readonly library: FakeLibrary;
  private readonly scaleOptions: Record<string, unknown> = { autoScale: true };

  constructor(library: FakeLibrary) {
    this.library = library;
  }

  setData(items: Item[]): void {
    this.items = [...items];
    this.setDataCalls += 1;
    this.library.dataChanged();
  }

  update(item: Item): void {
    this.updateCalls += 1;
    const last = this.items.at(-1);
    if (last && item.time < last.time) throw new Error("Cannot update oldest data");
    if (last?.time === item.time) this.items[this.items.length - 1] = item;
    else this.items.push(item);
    this.library.dataChanged();
  }

  applyOptions(options: Record<string, unknown>): void {
    Object.assign(this.options, options);
  }

  attachPrimitive(primitive: Primitive): void {
    this.primitives.push(primitive);
    primitive.attached?.({ requestUpdate: () => {} });
  }

  priceToCoordinate(price: number): number {
    return 500 - price;
  }

  coordinateToPrice(y: number): number {
    return 500 - y;
  }

  priceScale() {
    return {
      options: () => this.scaleOptions,
      applyOptions: (options: Record<string, unknown>) => Object.assign(this.scaleOptions, options),
      setAutoScale: (on: boolean) => Object.assign(this.scaleOptions, { autoScale: on }),
      getVisibleRange: () => ({ from: 0, to: 500 }),
      setVisibleRange: () => {},
    };
  }
}

export class FakeLibrary {
  readonly series: FakeSeries[] = [];
  /** Fill and stroke styles of everything that was painted in the last frame, in order. */
  readonly ink: string[] = [];
  private readonly panePrimitives: Primitive[] = [];
  width = 1_000;
  spacing = 6;
  rightOffset = 0;
  crosshair: ((move: { point?: { x: number; y: number }; logical?: number }) => void)[] = [];
  private last = -1;

  get candles(): FakeSeries {
    const series = this.series[1];
    if (!series) throw new Error("no candle series yet");
    return series;
  }

  /** As the library: a view that shows the newest bar follows it, another one stays where it is. */
  dataChanged(): void {
    const last = Math.max(...this.series.map((series) => series.items.length)) - 1;
    const grown = last - this.last;
    const following = this.rightOffset >= -0.5;
    if (this.last >= 0 && grown > 0 && !following) this.rightOffset -= grown;
    this.last = last;
  }

  moveCrosshair(slot: number | null): void {
    const move = slot === null ? {} : { point: { x: 10, y: 10 }, logical: slot };
    for (const listener of this.crosshair) listener(move);
  }

  /** One repaint, then the microtasks that follow it. Sources in the order of the library: pane, volume, candles. */
  async frame(): Promise<void> {
    this.ink.length = 0;
    const primitives = [...this.panePrimitives, ...this.series.flatMap((series) => series.primitives)];
    const views = primitives.flatMap((primitive) => primitive.paneViews?.() ?? []);
    const order = ["bottom", "normal", "top"];
    for (const zOrder of order) {
      for (const view of views) if (view.zOrder?.() === zOrder) view.renderer()?.draw(this.target() as never);
    }
    await Promise.resolve();
    await Promise.resolve();
  }

  private target() {
    return {
      useBitmapCoordinateSpace: (draw: (scope: unknown) => void) => {
        draw({
          context: notingContext(this.ink),
          mediaSize: { width: this.width, height: 500 },
          horizontalPixelRatio: 1,
          verticalPixelRatio: 1,
        });
      },
    };
  }

  chart() {
    return {
      addSeries: () => {
        const series = new FakeSeries(this);
        this.series.push(series);
        return series;
      },
      applyOptions: () => {},
      subscribeCrosshairMove: (listener: FakeLibrary["crosshair"][number]) => this.crosshair.push(listener),
      setCrosshairPosition: () => {},
      clearCrosshairPosition: () => {},
      panes: () => [{ attachPrimitive: (primitive: Primitive) => this.panePrimitives.push(primitive) }],
      paneSize: () => ({ width: this.width, height: 500 }),
      priceScale: () => ({ width: () => 60 }),
      timeScale: () => ({
        width: () => this.width,
        height: () => 26,
        options: () => ({ barSpacing: this.spacing }),
        applyOptions: ({ barSpacing }: { barSpacing?: number }) => {
          if (barSpacing !== undefined) this.spacing = barSpacing;
        },
        scrollPosition: () => this.rightOffset,
        scrollToPosition: (offset: number) => {
          this.rightOffset = offset;
        },
        logicalToCoordinate: (slot: number) =>
          this.last < 0 ? null : this.width - (this.last + this.rightOffset - slot + 0.5) * this.spacing - 1,
        getVisibleLogicalRange: () => ({ from: 0, to: this.last }),
      }),
      remove: () => {},
    };
  }
}

/** A context that measures text and notes the colours it was given. */
function notingContext(ink: string[]): unknown {
  const measure = (text: string) => ({ width: text.length * 6 });
  const known: Record<string, unknown> = { globalAlpha: 1, measureText: measure };
  return new Proxy(known, {
    get: (_, name) => (name in known ? known[name as string] : () => {}),
    set: (_, name, value) => {
      known[name as string] = value;
      if (name === "strokeStyle" || name === "fillStyle") ink.push(String(value));
      return true;
    },
  });
}
