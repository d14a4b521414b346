import { type KeyboardEvent, type PointerEvent, useEffect, useRef } from "react";
import { useT } from "../../i18n/react";
import type { ReplayController, ReplayPicture } from "./controller";
import { follow, moveNumber, type Stretch, type Tick, timeOfX, zoomStretch } from "./scrubber";
import { paintScrubber } from "./scrubber-canvas";

interface ScrubberProps {
  controller: ReplayController;
  picture: ReplayPicture;
  outline: { readonly times: readonly number[]; readonly closes: readonly number[] } | null;
  ticks: readonly Tick[];
  /** Last close that is shown. */
  price: () => number | null;
  formatTime: (time: number) => string;
}

const PAGE_SHARE = 0.05;

/** The stored history as a line up to now; right of the handle there is nothing to see. */
export function Scrubber({ controller, picture, outline, ticks, price, formatTime }: ScrubberProps) {
  const t = useT();
  const canvas = useRef<HTMLCanvasElement>(null);
  const stretch = useRef<Stretch | null>(null);
  const dragged = useRef<number | null>(null);
  const { first, last, step, at } = picture;
  const whole = first !== null && last !== null && last > first ? { from: first, to: last } : null;

  useEffect(() => {
    const node = canvas.current;
    if (!node || first === null || last === null) return;
    const all = { from: first, to: Math.max(last, first + step) };
    const paint = () => {
      const now = dragged.current ?? controller.at();
      stretch.current = follow(stretch.current ?? all, all, now);
      paintScrubber(node, { stretch: stretch.current, at: now, outline, ticks, price: price() });
    };
    const zoom = (event: WheelEvent) => {
      event.preventDefault();
      const { left, width } = node.getBoundingClientRect();
      const pointed = { x: event.clientX - left, width, deltaPx: event.deltaY, step };
      stretch.current = zoomStretch(stretch.current ?? all, all, pointed);
      paint();
    };
    let planned = 0;
    const plan = () => {
      planned ||= requestAnimationFrame(() => {
        planned = 0;
        paint();
      });
    };
    paint();
    const stop = controller.onFrame(plan);
    const sized = new ResizeObserver(paint);
    sized.observe(node);
    node.addEventListener("wheel", zoom, { passive: false });
    return () => {
      stop();
      cancelAnimationFrame(planned);
      sized.disconnect();
      node.removeEventListener("wheel", zoom);
    };
  }, [controller, first, last, step, outline, ticks, price]);

  const seekTo = (event: PointerEvent<HTMLElement>) => {
    if (!stretch.current) return;
    const { left, width } = event.currentTarget.getBoundingClientRect();
    const time = timeOfX(event.clientX - left, stretch.current, width);
    dragged.current = time;
    controller.seek(time);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const span = stretch.current ? stretch.current.to - stretch.current.from : step;
    const move = moveOf(event.key, picture, Math.round(span * PAGE_SHARE));
    if (move === null) return;
    event.preventDefault();
    event.stopPropagation();
    if ("steps" in move) controller.step(move.steps);
    else controller.seek(move.to);
  };
  const total = whole ? moveNumber(whole.to, whole.from, step) : 1;
  const index = whole ? moveNumber(at, whole.from, step) : 1;
  return (
    <div
      role="slider"
      tabIndex={0}
      aria-label={t("replay.scrubber")}
      aria-valuemin={1}
      aria-valuemax={total}
      aria-valuenow={index}
      aria-valuetext={t("replay.scrubber.value", { time: formatTime(at), index, total })}
      data-testid="replay-scrubber"
      onKeyDown={onKeyDown}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        seekTo(event);
      }}
      onPointerMove={(event) => {
        if (dragged.current !== null) seekTo(event);
      }}
      onPointerUp={() => {
        dragged.current = null;
      }}
      onPointerCancel={() => {
        dragged.current = null;
      }}
      className="relative h-8 min-w-0 flex-1 cursor-ew-resize touch-none rounded-control bg-bg-1 outline-offset-1"
    >
      <canvas ref={canvas} className="size-full" />
    </div>
  );
}

type Move = { readonly steps: number } | { readonly to: number };

/** Where a key leads; `page` in seconds. */
function moveOf(key: string, { at, start, furthest }: ReplayPicture, page: number): Move | null {
  switch (key) {
    case "ArrowLeft":
      return { steps: -1 };
    case "ArrowRight":
      return { steps: 1 };
    case "PageDown":
      return { to: at - page };
    case "PageUp":
      return { to: at + page };
    case "Home":
      return { to: start };
    case "End":
      return { to: furthest };
    default:
      return null;
  }
}
