import type { KeyboardEvent, PointerEvent } from "react";

interface SplitterProps {
  /** Direction of the line. A vertical one lies left of what it sizes, a horizontal one above it. */
  line: "vertical" | "horizontal";
  label: string;
  /** Pixels. */
  size: number;
  least: number;
  most: number;
  onSize: (size: number) => void;
  onRestore: () => void;
  onFold: () => void;
}

const STEP = 16;
const LOOKS = {
  vertical: "inset-y-0 -left-[5px] w-[9px] cursor-col-resize after:inset-y-0 after:left-1 after:w-px",
  horizontal: "inset-x-0 -top-[5px] h-[9px] cursor-row-resize after:inset-x-0 after:top-1 after:h-px",
} as const;
const KEYS = {
  vertical: { grow: "ArrowLeft", shrink: "ArrowRight" },
  horizontal: { grow: "ArrowUp", shrink: "ArrowDown" },
} as const;

/** A 1 px line with a 9 px grab zone: drag it, move it by arrow keys, restore it by a double click, fold by Enter. */
export function Splitter({ line, label, size, least, most, onSize, onRestore, onFold }: SplitterProps) {
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === KEYS[line].grow) onSize(size + STEP);
    else if (event.key === KEYS[line].shrink) onSize(size - STEP);
    else if (event.key === "Enter") onFold();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const onPointerDown = (event: PointerEvent<HTMLElement>) => {
    if (event.button !== 0) return;
    const handle = event.currentTarget;
    const along = (at: { clientX: number; clientY: number }) => (line === "vertical" ? at.clientX : at.clientY);
    const from = along(event);
    handle.setPointerCapture(event.pointerId);
    const move = (moved: globalThis.PointerEvent) => onSize(size + from - along(moved));
    const end = () => {
      handle.removeEventListener("pointermove", move);
      handle.removeEventListener("pointerup", end);
      handle.removeEventListener("pointercancel", end);
    };
    handle.addEventListener("pointermove", move);
    handle.addEventListener("pointerup", end);
    handle.addEventListener("pointercancel", end);
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a separator that can be moved has no element of its own.
    <div
      role="separator"
      aria-orientation={line}
      aria-label={label}
      aria-valuenow={size}
      aria-valuemin={least}
      aria-valuemax={most}
      tabIndex={0}
      onKeyDown={onKeyDown}
      onPointerDown={onPointerDown}
      onDoubleClick={onRestore}
      className={`absolute z-10 touch-none after:absolute hover:after:bg-accent focus-visible:after:bg-accent ${LOOKS[line]}`}
    />
  );
}
