import type {
  IPanePrimitive,
  IPrimitivePaneRenderer,
  IPrimitivePaneView,
  ISeriesPrimitive,
  Time,
} from "lightweight-charts";

type Target = Parameters<IPrimitivePaneRenderer["draw"]>[0];

export interface Canvas {
  readonly ctx: CanvasRenderingContext2D;
  /** CSS pixels. */
  readonly width: number;
  readonly height: number;
  /** Device pixels per CSS pixel. */
  readonly ratio: number;
}

export type Paint = (canvas: Canvas) => void;

export interface LayerOptions {
  /** `bottom`: below grid and bars; `normal`: with what it is attached to; `top`: over everything, repainted with the crosshair. */
  readonly order: "bottom" | "normal" | "top";
  readonly paint: Paint;
  /** Drawn on the price axis. */
  readonly paintAxis?: Paint;
}

/** One canvas layer inside the library's painting. */
export class Layer implements ISeriesPrimitive<Time>, IPanePrimitive<Time> {
  private readonly views: readonly IPrimitivePaneView[];
  private readonly axisViews: readonly IPrimitivePaneView[];
  private requestUpdate: (() => void) | null = null;

  constructor(options: LayerOptions) {
    this.views = [viewOf(options.order, options.paint)];
    this.axisViews = options.paintAxis ? [viewOf("top", options.paintAxis)] : [];
  }

  attached(parameters: { requestUpdate(): void }): void {
    this.requestUpdate = parameters.requestUpdate;
  }

  detached(): void {
    this.requestUpdate = null;
  }

  paneViews(): readonly IPrimitivePaneView[] {
    return this.views;
  }

  priceAxisPaneViews(): readonly IPrimitivePaneView[] {
    return this.axisViews;
  }

  /** Asks for one repaint in the next frame. */
  repaint(): void {
    this.requestUpdate?.();
  }
}

function viewOf(order: LayerOptions["order"], paint: Paint): IPrimitivePaneView {
  const renderer: IPrimitivePaneRenderer = { draw: (target) => drawOn(target, paint) };
  return { zOrder: () => order, renderer: () => renderer };
}

function drawOn(target: Target, paint: Paint): void {
  // biome-ignore lint/correctness/useHookAtTopLevel: a method of the canvas library, not a hook.
  target.useBitmapCoordinateSpace(({ context, mediaSize, horizontalPixelRatio, verticalPixelRatio }) => {
    context.save();
    context.scale(horizontalPixelRatio, verticalPixelRatio);
    paint({ ctx: context, width: mediaSize.width, height: mediaSize.height, ratio: horizontalPixelRatio });
    context.restore();
  });
}
