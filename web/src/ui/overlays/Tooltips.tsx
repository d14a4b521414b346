import { useEffect, useRef } from "react";

const DELAY_MS = 350;

/**
 * One tooltip for the whole page. Anything with `data-tip` gets it on hover and on keyboard focus;
 * `data-tip-keys` adds the key. No component, state or listener per control.
 */
export function Tooltips() {
  const ref = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const card = ref.current;
    return card ? follow(card) : undefined;
  }, []);
  return (
    <div
      ref={ref}
      role="tooltip"
      popover="manual"
      className="pointer-events-none fixed inset-auto w-max max-w-[320px] rounded-control border border-line bg-bg-2 px-2 py-1 text-12 text-text-1 shadow-float"
    />
  );
}

function follow(card: HTMLElement): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let target: Element | null = null;
  const hide = () => {
    clearTimeout(timer);
    target = null;
    if (card.matches(":popover-open")) card.hidePopover();
  };
  const plan = (event: Event, delay: number) => {
    const next = event.target instanceof Element ? event.target.closest("[data-tip]") : null;
    if (next === target) return;
    hide();
    if (!next) return;
    target = next;
    timer = setTimeout(() => show(card, next), delay);
  };
  const over = (event: PointerEvent) => event.pointerType === "mouse" && plan(event, DELAY_MS);
  const focus = (event: FocusEvent) => {
    if (event.target instanceof Element && event.target.matches(":focus-visible")) plan(event, 0);
  };
  document.addEventListener("pointerover", over);
  document.addEventListener("focusin", focus);
  for (const name of ["pointerdown", "keydown", "focusout", "scroll"]) document.addEventListener(name, hide, true);
  return () => {
    hide();
    document.removeEventListener("pointerover", over);
    document.removeEventListener("focusin", focus);
    for (const name of ["pointerdown", "keydown", "focusout", "scroll"]) document.removeEventListener(name, hide, true);
  };
}

function show(card: HTMLElement, target: Element): void {
  const text = target.getAttribute("data-tip");
  if (!text || !target.isConnected) return;
  const keys = target.getAttribute("data-tip-keys");
  card.textContent = text;
  if (keys) {
    const cap = document.createElement("span");
    cap.className = "ml-2 whitespace-nowrap text-text-3";
    cap.textContent = keys;
    card.append(cap);
  }
  card.style.left = "0";
  card.showPopover();
  const at = target.getBoundingClientRect();
  const left = Math.min(Math.max(8, at.left + at.width / 2 - card.offsetWidth / 2), innerWidth - card.offsetWidth - 8);
  const below = at.bottom + 6;
  const top = below + card.offsetHeight < innerHeight - 8 ? below : at.top - card.offsetHeight - 6;
  card.style.left = `${left}px`;
  card.style.top = `${top}px`;
}
