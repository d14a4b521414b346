/** Moving around: wheel, double click, keys, crosshair. Decides views; the surface applies them. */
import type { Bars } from "./bars";
import type { Surface } from "./surface";
import {
  centreOn,
  firstView,
  isFollowing,
  keyZoomFactor,
  reveal,
  rightMargin,
  slotsInView,
  type View,
  viewOfBars,
  wheelPixels,
  wheelZoomFactor,
  xOf,
  zoomAt,
} from "./viewport";

const PRICE_WHEEL = 1.1;
/** Room left of the oldest bar. */
const START_MARGIN_PX = 48;

export interface NavigationOptions {
  readonly element: HTMLElement;
  readonly surface: Surface;
  readonly bars: Bars;
  defaultBars(): number;
  /** The crosshair stands on this slot now; null: nowhere. `byKey` when it is to be spoken. */
  onCursor(slot: number | null, byKey: boolean): void;
  /** The user changed the view or the price axis. */
  onMoved(): void;
  /** Time-axis double click. */
  onReset(): void;
}

export class Navigation {
  private readonly options: NavigationOptions;
  private readonly abort = new AbortController();
  private cursor: number | null = null;
  private margin: number | null = null;
  private movingByKey = false;

  constructor(options: NavigationOptions) {
    this.options = options;
    const { element, surface } = options;
    const { signal } = this.abort;
    element.addEventListener("wheel", (event) => this.wheel(event), { passive: false, signal });
    element.addEventListener("dblclick", (event) => this.doubleClick(event), { signal });
    element.addEventListener("pointerup", () => options.onMoved(), { signal });
    for (const type of ["keydown", "keyup"] as const) {
      window.addEventListener(type, (event) => event.key === "Control" && surface.setMagnet(type === "keydown"), {
        signal,
      });
    }
    window.addEventListener("blur", () => surface.setMagnet(false), { signal });
    surface.chart.subscribeCrosshairMove((move) => {
      if (this.movingByKey) return;
      this.cursor = move.point === undefined || move.logical === undefined ? null : Math.round(move.logical);
      options.onCursor(this.cursor, false);
    });
  }

  view(): View {
    return this.options.surface.view();
  }

  lastSlot(): number {
    return this.options.bars.slots().length - 1;
  }

  following(): boolean {
    return this.lastSlot() < 0 || isFollowing(this.view(), this.options.surface.width());
  }

  /** Slots between the left edge of the plot and the first bar; negative when it is in view. */
  slotsLeftOfView(): number {
    const { rightOffset, spacing } = this.view();
    return this.lastSlot() + rightOffset - this.options.surface.width() / spacing;
  }

  slotsRightOfView(): number {
    return -this.view().rightOffset;
  }

  /** From the right edge of the plot to the left side of the newest bar, CSS pixels; 0 when the bar is not in the right half. */
  lastBarPx(): number {
    const { rightOffset, spacing } = this.view();
    const px = (rightOffset + 0.5) * spacing + spacing / 2;
    return px < 0 || px > this.width() / 2 ? 0 : Math.ceil(px);
  }

  visibleSlots(): { readonly from: number; readonly to: number } | null {
    const last = this.lastSlot();
    if (last < 0) return null;
    const right = last + this.view().rightOffset;
    const from = Math.max(0, Math.ceil(right - slotsInView(this.view(), this.options.surface.width()) + 0.5));
    const to = Math.min(last, Math.floor(right + 0.5));
    return from <= to ? { from, to } : null;
  }

  /** Empty bars right of the newest one; null: as the width asks for. */
  setMargin(bars: number | null): void {
    this.margin = bars;
  }

  showDefault(): void {
    const view = firstView(this.width(), this.options.defaultBars());
    this.apply({ ...view, rightOffset: this.margin ?? view.rightOffset });
  }

  /** `bars` in view; follows the newest bar, or ends at `slot`. */
  showBars(bars: number | undefined, slot: number | null): void {
    const standard = firstView(this.width(), this.options.defaultBars());
    const offset = slot === null ? (this.margin ?? standard.rightOffset) : slot - this.lastSlot();
    this.apply(bars === undefined ? { ...standard, rightOffset: offset } : viewOfBars(this.width(), bars, offset));
  }

  showSlot(slot: number): void {
    this.apply(centreOn(this.view(), this.width(), this.lastSlot(), slot));
  }

  /** Newest bar at its margin; the zoom stays unless another one is given. */
  toEnd(spacing = this.view().spacing): void {
    this.apply({ spacing, rightOffset: this.margin ?? rightMargin(this.width()) });
  }

  toStart(): void {
    const { spacing } = this.view();
    this.apply({ spacing, rightOffset: (this.width() - START_MARGIN_PX) / spacing - 1 - this.lastSlot() });
  }

  /** `share` of the view, positive to newer bars. */
  pan(share: number): void {
    const view = this.view();
    this.apply({ ...view, rightOffset: view.rightOffset + share * slotsInView(view, this.width()) });
  }

  zoom(direction: 1 | -1): void {
    const view = this.view();
    const last = this.lastSlot();
    const x = this.cursor === null ? this.width() : xOf(view, this.width(), last, this.cursor);
    this.apply(zoomAt(view, this.width(), last, x, keyZoomFactor(direction)));
  }

  moveCursor(direction: 1 | -1): void {
    const slots = this.options.bars.slots();
    const from = this.cursor ?? (this.visibleSlots()?.to ?? this.lastSlot()) + (direction < 0 ? 1 : -1);
    const slot = slots.nearestBar(Math.min(Math.max(from + direction, 0), this.lastSlot()), direction);
    if (slot !== null) this.placeCursor(slot);
  }

  clearCursor(): void {
    this.cursor = null;
    this.options.surface.chart.clearCrosshairPosition();
    this.options.onCursor(null, true);
  }

  stop(): void {
    this.abort.abort();
  }

  private placeCursor(slot: number): void {
    const { surface, bars } = this.options;
    const view = this.view();
    const shown = reveal(view, this.width(), this.lastSlot(), slot);
    if (shown !== view) this.apply(shown);
    const bar = bars.at(slot);
    if (!bar) return;
    this.cursor = slot;
    // The library reports this move like one of the mouse, in the same turn.
    this.movingByKey = true;
    surface.chart.setCrosshairPosition(bar.close, bar.candle_time as never, surface.candles);
    this.movingByKey = false;
    this.options.onCursor(slot, true);
  }

  private wheel(event: WheelEvent): void {
    event.preventDefault();
    const { surface } = this.options;
    const deltaX = wheelPixels(event.deltaX, event.deltaMode, this.width());
    const deltaY = wheelPixels(event.deltaY, event.deltaMode, this.width());
    const x = this.localX(event);
    if (x > this.width()) {
      surface.scalePrice(PRICE_WHEEL ** (deltaY / 100));
      this.options.onMoved();
      return;
    }
    const sideways = event.shiftKey && !event.ctrlKey ? deltaY || deltaX : deltaX;
    const panning = (event.shiftKey && !event.ctrlKey) || Math.abs(deltaX) > Math.abs(deltaY);
    const view = this.view();
    if (panning) this.apply({ ...view, rightOffset: view.rightOffset + sideways / view.spacing });
    else this.apply(zoomAt(view, this.width(), this.lastSlot(), x, wheelZoomFactor(deltaY)));
  }

  private doubleClick(event: MouseEvent): void {
    const { element, surface } = this.options;
    const box = element.getBoundingClientRect();
    const onTimeAxis = event.clientY - box.top > box.height - surface.axisHeight();
    if (onTimeAxis && this.localX(event) <= this.width()) this.options.onReset();
    // A double click on the price axis has just made it automatic again.
    this.options.onMoved();
  }

  private localX(event: MouseEvent): number {
    return event.clientX - this.options.element.getBoundingClientRect().left;
  }

  private width(): number {
    return this.options.surface.width();
  }

  private apply(view: View): void {
    if (this.lastSlot() < 0) return;
    this.options.surface.setView(view);
    this.options.onMoved();
  }
}
