/** The host's own elements inside its container: plot, legend, history strip, skeleton, line tooltip, speech. */
import { Legend } from "./legend";
import type { Density } from "./types";

const SKELETON_BARS = 48;
const SPEECH_INTERVAL_MS = 250;
const TOOLTIP_DISTANCE_PX = 14;

export class Stage {
  readonly container: HTMLElement;
  readonly plot: HTMLElement;
  readonly legend: Legend;
  private readonly strip: HTMLElement;
  private readonly stripText: HTMLElement;
  private readonly skeleton: HTMLElement;
  private readonly tooltip: HTMLElement;
  private readonly speech: HTMLElement;
  private tooltipText = "";
  private spokenAtMs = 0;
  private speechTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(container: HTMLElement, chartId: string) {
    this.container = container;
    container.classList.add("tc-chart");
    container.dataset.testid = "chart";
    container.dataset.chartId = chartId;
    container.setAttribute("role", "application");
    container.tabIndex = 0;
    this.plot = child(container, "tc-plot");
    this.skeleton = child(container, "tc-skeleton");
    this.skeleton.append(...skeletonBars());
    this.skeleton.hidden = true;
    this.skeleton.setAttribute("aria-hidden", "true");
    this.legend = new Legend(container);
    this.strip = child(container, "tc-history-strip");
    this.strip.hidden = true;
    this.stripText = child(this.strip, "tc-history-text");
    this.tooltip = child(container, "tc-tooltip");
    this.tooltip.setAttribute("role", "tooltip");
    this.tooltip.hidden = true;
    this.speech = child(container, "tc-speech");
    this.speech.setAttribute("aria-live", "polite");
  }

  setDensity(density: Density): void {
    this.container.dataset.density = density;
  }

  setName(name: string): void {
    this.container.setAttribute("aria-label", name);
  }

  /** The old series stays in sight, dimmed, while the new one is on its way. */
  setSwitching(switching: boolean): void {
    this.container.classList.toggle("tc-switching", switching);
  }

  setSkeleton(shown: boolean): void {
    this.skeleton.hidden = !shown;
    this.plot.style.visibility = shown ? "hidden" : "";
  }

  setHistoryStrip(text: string | null): void {
    this.strip.hidden = text === null;
    if (text !== null && this.stripText.textContent !== text) this.stripText.textContent = text;
  }

  /** A card beside a point, never over it; the first of several lines is its title. */
  setTooltip(at: { readonly x: number; readonly y: number; readonly lines: readonly string[] } | null): void {
    this.tooltip.hidden = at === null;
    if (!at) return;
    const text = at.lines.join("\n");
    if (this.tooltipText !== text) this.tooltip.replaceChildren(...at.lines.map(lineElement));
    this.tooltipText = text;
    const { clientWidth, clientHeight } = this.container;
    const { offsetWidth: width, offsetHeight: height } = this.tooltip;
    const right = at.x + TOOLTIP_DISTANCE_PX;
    const left = right + width <= clientWidth ? right : Math.max(0, at.x - TOOLTIP_DISTANCE_PX - width);
    const below = at.y + TOOLTIP_DISTANCE_PX;
    const top = below + height <= clientHeight ? below : Math.max(0, at.y - TOOLTIP_DISTANCE_PX - height);
    this.tooltip.style.transform = `translate(${left}px, ${top}px)`;
  }

  /** `lastBarPx`: how far the newest bar stands from the right edge of the plot; 0 when it is out of view. */
  setEdges(priceAxisPx: number, timeAxisPx: number, lastBarPx: number): void {
    this.container.style.setProperty("--tc-last-bar", `${lastBarPx}px`);
    this.container.style.setProperty("--tc-price-axis", `${priceAxisPx}px`);
    this.container.style.setProperty("--tc-time-axis", `${timeAxisPx}px`);
  }

  /** Speaks the newest text, at most once per 250 ms. */
  speak(text: string, nowMs: number): void {
    clearTimeout(this.speechTimer);
    const waitMs = Math.max(0, this.spokenAtMs + SPEECH_INTERVAL_MS - nowMs);
    this.speechTimer = setTimeout(() => {
      this.spokenAtMs = nowMs + waitMs;
      this.speech.textContent = text;
    }, waitMs);
  }

  destroy(): void {
    clearTimeout(this.speechTimer);
    this.container.classList.remove("tc-chart", "tc-switching");
    this.container.replaceChildren();
  }
}

function lineElement(text: string): HTMLElement {
  const line = document.createElement("p");
  line.textContent = text;
  return line;
}

function child(parent: HTMLElement, className: string): HTMLElement {
  const element = document.createElement("div");
  element.className = className;
  parent.append(element);
  return element;
}

/** A quiet wave of bars: the shape of what is coming, without pretending to be data. */
function skeletonBars(): HTMLElement[] {
  return Array.from({ length: SKELETON_BARS }, (_, at) => {
    const bar = document.createElement("span");
    const wave = Math.sin(at / 5) + Math.sin(at / 2.3) / 2;
    bar.style.height = `${14 + 6 * Math.abs(Math.cos(at))}%`;
    bar.style.marginBottom = `${30 + 14 * wave}%`;
    return bar;
  });
}
