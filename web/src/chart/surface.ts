/** The library's chart with this product's options, and the coordinate arithmetic read from it. */
import {
  CandlestickSeries,
  ColorType,
  CrosshairMode,
  createChartEx,
  HistogramSeries,
  type IChartApiBase,
  type IPanePrimitive,
  LineStyle,
  PriceScaleMode,
  type Time,
} from "lightweight-charts";
import type { CandleSeries, VolumeSeries } from "./bars";
import { formatPercent, formatPrice } from "./format/price";
import type { TimeFormat } from "./format/time";
import { ZonedScale } from "./horizontal";
import type { PriceRange } from "./shapes/shape";
import type { ChartTokens, ScaleChoice } from "./types";
import { MAX_SPACING, MIN_SPACING, type View } from "./viewport";

const NARROW_AXIS_PX = 56;
const PRICE_MARGINS = { top: 0.08, bottom: 0.22 } as const;
const VOLUME_TOP = 0.82;
const VOLUME_SCALE = "volume";

const MODES: Readonly<Record<ScaleChoice["mode"], PriceScaleMode>> = {
  linear: PriceScaleMode.Normal,
  log: PriceScaleMode.Logarithmic,
  percent: PriceScaleMode.Percentage,
};

export class Surface {
  readonly chart: IChartApiBase<Time>;
  readonly candles: CandleSeries;
  readonly volume: VolumeSeries;
  private readonly horizontal = new ZonedScale();
  /** The library applies a view with the next frame; until then this is the one to build on. */
  private coming: View | null = null;
  /** Share of the price pane that bars keep off, from below. */
  private inset = 0;
  private prices: PriceRange | null = null;

  constructor(element: HTMLElement) {
    this.chart = createChartEx<Time, ZonedScale>(element, this.horizontal, {
      autoSize: true,
      hoveredSeriesOnTop: false,
      layout: { attributionLogo: false },
      crosshair: { mode: CrosshairMode.Normal },
      rightPriceScale: {
        scaleMargins: PRICE_MARGINS,
        minimumWidth: NARROW_AXIS_PX,
        entireTextOnly: true,
      },
      timeScale: {
        timeVisible: true,
        secondsVisible: false,
        minBarSpacing: MIN_SPACING,
        maxBarSpacing: MAX_SPACING,
        shiftVisibleRangeOnNewBar: true,
        allowShiftVisibleRangeOnWhitespaceReplacement: true,
        enableConflation: true,
        tickMarkMaxCharacterLength: 7,
      },
      // Wheel and time-axis double click follow this product's rules, not the library's.
      handleScroll: { mouseWheel: false, pressedMouseMove: true, horzTouchDrag: true, vertTouchDrag: true },
      handleScale: { mouseWheel: false, pinch: true, axisDoubleClickReset: { time: false, price: true } },
      kineticScroll: { touch: true, mouse: false },
    } as Parameters<typeof createChartEx<Time, ZonedScale>>[2]);
    this.volume = this.chart.addSeries(HistogramSeries, {
      priceScaleId: VOLUME_SCALE,
      priceLineVisible: false,
      lastValueVisible: false,
    });
    this.volume.priceScale().applyOptions({ scaleMargins: { top: VOLUME_TOP, bottom: 0 } });
    this.candles = this.chart.addSeries(CandlestickSeries, {
      priceLineVisible: false,
      lastValueVisible: false,
      borderVisible: true,
    });
  }

  /** A layer above the grid and below every series. */
  attachBelow(layer: IPanePrimitive<Time>): void {
    this.chart.panes()[0]?.attachPrimitive(layer);
  }

  /** Whether a point of the plot lies in the price pane, CSS pixels. */
  inPane({ x, y }: { readonly x: number; readonly y: number }): boolean {
    return x >= 0 && x <= this.width() && y >= 0 && y <= this.chart.paneSize(0).height;
  }

  setTokens(tokens: ChartTokens): void {
    const line = {
      color: tokens.text3,
      width: 1,
      style: LineStyle.Dashed,
      labelBackgroundColor: tokens.lineStrong,
    } as const;
    this.chart.applyOptions({
      layout: {
        background: { type: ColorType.Solid, color: tokens.bg },
        textColor: tokens.text2,
        fontFamily: tokens.fontFamily,
      },
      grid: { vertLines: { color: tokens.grid }, horzLines: { color: tokens.grid } },
      crosshair: { vertLine: line, horzLine: line },
      rightPriceScale: { borderColor: tokens.line },
      timeScale: { borderColor: tokens.line },
    });
  }

  setFontSize(fontSize: number): void {
    this.chart.applyOptions({ layout: { fontSize } });
  }

  /** Texts of the axes. The weights of the ticks follow with the next data. */
  setTimeFormat(locale: string, format: TimeFormat): void {
    this.horizontal.setFormat(format);
    this.chart.applyOptions({ localization: { locale, percentageFormatter: formatPercent } });
  }

  setPrecision(precision: number): void {
    this.candles.applyOptions({
      priceFormat: {
        type: "custom",
        minMove: 10 ** -precision,
        formatter: (price: number) => formatPrice(price, precision),
      },
    });
  }

  setScale(choice: ScaleChoice): void {
    this.candles.priceScale().applyOptions({ mode: MODES[choice.mode], invertScale: choice.inverted });
  }

  /** Price at a height of the page, CSS pixels; null outside of the price pane. */
  priceAt(clientY: number): number | null {
    const y = clientY - this.chart.chartElement().getBoundingClientRect().top;
    return y < 0 || y > this.chart.paneSize(0).height ? null : this.candles.coordinateToPrice(y);
  }

  /** Prices that the automatic scale takes in beside the bars; null: the bars alone. */
  keepPrices(range: PriceRange | null): void {
    this.prices = range;
    // The library looks for its range with the next view, and this is one.
    this.setView(this.view());
  }

  pricesInView(): PriceRange | null {
    return this.prices;
  }

  /** Height of the price pane, CSS pixels. */
  plotHeight(): number {
    return this.chart.paneSize(0).height;
  }

  /** Share of the price pane that bars keep off, from below. */
  setInset(share: number): void {
    this.inset = share;
    const { top, bottom } = PRICE_MARGINS;
    this.candles.priceScale().applyOptions({ scaleMargins: { top, bottom: Math.min(0.8, bottom + share) } });
    this.volume.priceScale().applyOptions({ scaleMargins: { top: Math.max(0, VOLUME_TOP - share), bottom: share } });
  }

  /** Height that bars keep off, from below, CSS pixels. */
  insetPx(): number {
    return this.inset * this.plotHeight();
  }

  setMagnet(on: boolean): void {
    this.chart.applyOptions({ crosshair: { mode: on ? CrosshairMode.MagnetOHLC : CrosshairMode.Normal } });
  }

  isAutoScaled(): boolean {
    return this.candles.priceScale().options().autoScale;
  }

  autoScale(): void {
    this.candles.priceScale().setAutoScale(true);
  }

  /** Grows or shrinks the price range about its middle; the axis becomes manual. */
  scalePrice(factor: number): void {
    const scale = this.candles.priceScale();
    const range = scale.getVisibleRange();
    if (!range) return;
    const middle = (range.from + range.to) / 2;
    const half = ((range.to - range.from) / 2) * factor;
    scale.setAutoScale(false);
    scale.setVisibleRange({ from: middle - half, to: middle + half });
  }

  /** Width of the plot, CSS pixels. */
  width(): number {
    return this.chart.timeScale().width();
  }

  axisWidth(): number {
    return this.chart.priceScale("right").width();
  }

  axisHeight(): number {
    return this.chart.timeScale().height();
  }

  /** The view of the next frame. */
  view(): View {
    if (this.coming) return this.coming;
    const scale = this.chart.timeScale();
    const first = scale.logicalToCoordinate(0 as never);
    const second = scale.logicalToCoordinate(1 as never);
    const spacing = first === null || second === null ? scale.options().barSpacing : second - first;
    return { spacing, rightOffset: scale.scrollPosition() };
  }

  setView(view: View): void {
    const scale = this.chart.timeScale();
    this.coming = view;
    scale.applyOptions({ barSpacing: view.spacing });
    scale.scrollToPosition(view.rightOffset, false);
  }

  /** The library has taken over what was set, within its limits. */
  frameStarted(): void {
    this.coming = null;
  }

  destroy(): void {
    this.chart.remove();
  }
}
