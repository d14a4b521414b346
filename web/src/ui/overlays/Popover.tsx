import { type ReactNode, type RefObject, useEffect, useLayoutEffect, useRef } from "react";

interface PopoverProps {
  anchor: RefObject<HTMLElement | null> | { x: number; y: number };
  onClose: () => void;
  children: ReactNode;
  /** Which edges line up with the anchor. */
  align?: "start" | "end";
  label: string;
  role?: "dialog" | "menu" | "listbox";
  className?: string;
  id?: string;
}

const MARGIN = 8;

/** A floating card at its anchor on the browser's popover layer: Escape and a click outside close it. */
export function Popover({
  anchor,
  onClose,
  children,
  align = "start",
  label,
  role = "dialog",
  className = "",
  id,
}: PopoverProps) {
  const ref = useRef<HTMLDivElement>(null);
  const close = useRef(onClose);
  close.current = onClose;

  useLayoutEffect(() => {
    const card = ref.current;
    if (!card) return;
    const place = () => position(card, anchor, align);
    if (!card.matches(":popover-open")) card.showPopover();
    place();
    globalThis.addEventListener("resize", place);
    return () => globalThis.removeEventListener("resize", place);
  }, [anchor, align]);

  useEffect(() => {
    const card = ref.current;
    const before = document.activeElement;
    const onToggle = (event: Event) => {
      if ((event as ToggleEvent).newState === "closed") close.current();
    };
    card?.addEventListener("toggle", onToggle);
    const first = card?.querySelector<HTMLElement>("[data-autofocus], [role^=menuitem], button, input, select, a");
    first?.focus({ preventScroll: true });
    return () => {
      card?.removeEventListener("toggle", onToggle);
      const inside = card?.contains(document.activeElement) || document.activeElement === document.body;
      if (inside && before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
    };
  }, []);

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the role is given, by name.
    // biome-ignore lint/a11y/useAriaPropsSupportedByRole: every role that can be given takes a label.
    <div
      ref={ref}
      id={id}
      popover="auto"
      role={role}
      aria-label={label}
      onKeyDown={role === "menu" ? moveInMenu : undefined}
      className={`layer fixed inset-auto overflow-auto rounded-card border border-line bg-bg-2 text-text-1 shadow-float ${className}`}
    >
      {children}
    </div>
  );
}

function position(card: HTMLElement, anchor: PopoverProps["anchor"], align: "start" | "end"): void {
  const rect = "current" in anchor ? anchor.current?.getBoundingClientRect() : new DOMRect(anchor.x, anchor.y, 0, 0);
  if (!rect) return;
  const { offsetWidth: width, offsetHeight: height } = card;
  const wanted = align === "start" ? rect.left : rect.right - width;
  const left = Math.max(MARGIN, Math.min(wanted, innerWidth - width - MARGIN));
  const below = rect.bottom + 4;
  const top = below + height + MARGIN <= innerHeight ? below : Math.max(MARGIN, rect.top - height - 4);
  card.style.left = `${left}px`;
  card.style.top = `${top}px`;
  card.style.maxHeight = `${innerHeight - 2 * MARGIN}px`;
}

/** Arrow keys, Home and End inside a menu. */
function moveInMenu(event: React.KeyboardEvent<HTMLElement>): void {
  const items = [...event.currentTarget.querySelectorAll<HTMLElement>("[role^=menuitem]")];
  const at = items.indexOf(document.activeElement as HTMLElement);
  const to: Record<string, number> = {
    ArrowDown: (at + 1) % items.length,
    ArrowUp: (at - 1 + items.length) % items.length,
    Home: 0,
    End: items.length - 1,
  };
  const next = to[event.key];
  if (next === undefined) return;
  event.preventDefault();
  items[next]?.focus();
}
