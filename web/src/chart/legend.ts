/** The read-out over the plot. Writes text straight into its elements; widths only grow, so it never jitters. */
import type { SeriesParts } from "../api/series";
import type { ChartFormats, LegendValues } from "./types";
import type { ChartText } from "./wording";

const FIELDS = ["open", "high", "low", "close", "change", "percent", "volume"] as const;
type Field = (typeof FIELDS)[number];

const NO_VALUE = "–";

export class Legend {
  readonly element: HTMLElement;
  private readonly symbol = part("tc-legend-symbol");
  private readonly timeframe = part("tc-legend-timeframe");
  private readonly venue = part("tc-legend-venue");
  private readonly tag = part("tc-legend-tag");
  private readonly captions = new Map<Field, HTMLElement>();
  private readonly values = new Map<Field, HTMLElement>();
  private readonly widths = new Map<Field, number>();
  private readonly written = new Map<HTMLElement, string>();

  constructor(container: HTMLElement) {
    this.element = document.createElement("div");
    this.element.className = "tc-legend";
    this.element.setAttribute("aria-hidden", "true");
    const title = part("tc-legend-title");
    title.append(this.symbol, this.timeframe, this.venue);
    const row = part("tc-legend-values");
    for (const field of FIELDS) row.append(this.field(field));
    row.append(this.tag);
    this.element.append(title, row);
    container.append(this.element);
  }

  /** Right and lower edge of its texts in the container, CSS pixels. */
  extent(): { readonly width: number; readonly height: number } {
    const { offsetLeft, offsetTop, offsetHeight } = this.element;
    const parts = [...this.element.children].filter((child) => child instanceof HTMLElement);
    const right = Math.max(0, ...parts.map((child) => child.offsetLeft + child.offsetWidth));
    return { width: offsetLeft + right, height: offsetTop + offsetHeight };
  }

  setTitle(parts: SeriesParts | null, text: ChartText): void {
    this.write(this.symbol, parts?.symbol ?? "");
    this.write(this.timeframe, parts?.timeframe ?? "");
    this.write(this.venue, parts ? text.venue(parts.exchange, parts.market) : "");
  }

  setText(text: ChartText): void {
    const captions: Partial<Record<Field, string>> = {
      open: text.open,
      high: text.high,
      low: text.low,
      close: text.close,
      volume: text.volume,
    };
    for (const [field, element] of this.captions) this.write(element, captions[field] ?? "");
    this.write(this.tag, text.forming);
  }

  /** A new symbol starts with columns of its own. */
  resetWidths(): void {
    this.widths.clear();
    for (const element of this.values.values()) element.style.minWidth = "";
  }

  show(values: LegendValues | null, formats: ChartFormats): void {
    const direction = values && values.close < values.open ? "down" : "up";
    if (this.element.dataset.direction !== direction) this.element.dataset.direction = direction;
    const texts = values ? textsOf(values, formats) : null;
    for (const field of FIELDS) this.writeValue(field, texts?.[field] ?? NO_VALUE);
    this.tag.style.visibility = values?.forming ? "visible" : "hidden";
  }

  private field(field: Field): HTMLElement {
    const box = part("tc-legend-field");
    box.dataset.field = field;
    const caption = part("tc-legend-caption");
    const value = part("tc-legend-value");
    this.captions.set(field, caption);
    this.values.set(field, value);
    if (field !== "change" && field !== "percent") box.append(caption);
    box.append(value);
    return box;
  }

  private writeValue(field: Field, text: string): void {
    const element = this.values.get(field);
    if (!element) return;
    const width = columnsOf(text);
    if (width > (this.widths.get(field) ?? 0)) {
      this.widths.set(field, width);
      element.style.minWidth = `${width}ch`;
    }
    this.write(element, text);
  }

  private write(element: HTMLElement, text: string): void {
    if (this.written.get(element) === text) return;
    this.written.set(element, text);
    element.textContent = text;
  }
}

function textsOf(values: LegendValues, formats: ChartFormats): Readonly<Record<Field, string>> {
  return {
    open: formats.price(values.open),
    high: formats.price(values.high),
    low: formats.price(values.low),
    close: formats.price(values.close),
    change: values.change === null ? "" : formats.change(values.change),
    percent: values.changePercent === null ? "" : formats.percent(values.changePercent),
    volume: formats.volume(values.volume),
  };
}

/** Columns in digits; a Chinese unit takes two. */
function columnsOf(text: string): number {
  let columns = 0;
  for (const character of text) columns += character > "⺀" ? 2 : 1;
  return columns;
}

function part(className: string): HTMLElement {
  const element = document.createElement("span");
  element.className = className;
  return element;
}
