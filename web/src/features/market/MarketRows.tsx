import { type KeyboardEvent, memo, useEffect, useRef, useState } from "react";
import { formatPercent, formatPrice } from "../../chart/format/price";
import { formatVolume } from "../../chart/format/volume";
import { useT } from "../../i18n/react";
import { Icon } from "../../ui/controls/Icon";
import { useRowHeight } from "../../ui/lists/useRowHeight";
import { useVirtualRows } from "../../ui/lists/useVirtualRows";
import { Digits, type Quote } from "./quotes";
import { marketName } from "./SymbolButton";
import { toggleWatched } from "./watchlist";

interface MarketRowsProps {
  rows: readonly Quote[];
  current: string | null;
  watched: readonly string[];
  numberLocale: string;
  withMarket: boolean;
  /** Prices of now are not to be seen. */
  locked: boolean;
  onOpen: (key: string, leave: boolean) => void;
  onPoint: (inside: boolean) => void;
  onKey: () => void;
}

/** Arrows move, Enter opens and leaves for the chart, Space opens and stays, F stars. */
export function MarketRows(props: MarketRowsProps) {
  const { rows, current, watched, numberLocale, withMarket, locked, onOpen, onPoint, onKey } = props;
  const t = useT();
  const list = useRef<HTMLDivElement>(null);
  const rowHeight = useRowHeight(28, 36);
  const { from, to } = useVirtualRows(list, rowHeight, rows.length);
  const [digits] = useState(() => new Digits());
  const [active, setActive] = useState<string | null>(null);
  const at = rows.findIndex(({ key }) => key === active);

  const move = (wanted: number) => {
    const next = Math.min(Math.max(wanted, 0), rows.length - 1);
    setActive(rows[next]?.key ?? null);
    reveal(list.current, next, rowHeight);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const page = Math.max(1, Math.floor((list.current?.clientHeight ?? 0) / rowHeight) - 1);
    const target = stepOf(event.key, at, page, rows.length);
    const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
    if (target !== null) move(target);
    else if (active !== null && event.key === "Enter") onOpen(active, true);
    else if (active !== null && event.key === " ") onOpen(active, false);
    else if (active !== null && event.code === "KeyF" && plain) toggleWatched(active);
    else return;
    onKey();
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <div
      ref={list}
      role="listbox"
      aria-label={t("markets.title")}
      aria-activedescendant={at >= from && at < to ? `market-${active}` : undefined}
      tabIndex={0}
      onKeyDown={onKeyDown}
      onFocus={() => {
        if (active === null) setActive(current ?? rows[0]?.key ?? null);
      }}
      onPointerEnter={() => onPoint(true)}
      className="min-h-0 flex-1 overflow-y-auto outline-offset-[-2px] [scrollbar-gutter:stable]"
    >
      <div role="presentation" style={{ height: rows.length * rowHeight }} className="relative">
        {rows.slice(from, to).map((quote, offset) => (
          <Row
            key={quote.key}
            quote={quote}
            digits={digits.of(quote)}
            order={from + offset}
            total={rows.length}
            height={rowHeight}
            active={quote.key === active}
            shown={quote.key === current}
            starred={watched.includes(quote.key)}
            numberLocale={numberLocale}
            withMarket={withMarket}
            locked={locked}
            onOpen={onOpen}
            onSelect={setActive}
          />
        ))}
      </div>
    </div>
  );
}

function stepOf(key: string, at: number, page: number, count: number): number | null {
  switch (key) {
    case "ArrowDown":
      return at + 1;
    case "ArrowUp":
      return at < 0 ? count - 1 : at - 1;
    case "PageDown":
      return at + page;
    case "PageUp":
      return at - page;
    case "Home":
      return 0;
    case "End":
      return count - 1;
    default:
      return null;
  }
}

function reveal(node: HTMLElement | null, row: number, height: number): void {
  if (!node) return;
  if (row * height < node.scrollTop) node.scrollTop = row * height;
  else if ((row + 1) * height > node.scrollTop + node.clientHeight)
    node.scrollTop = (row + 1) * height - node.clientHeight;
}

interface RowProps {
  quote: Quote;
  digits: number;
  order: number;
  total: number;
  height: number;
  active: boolean;
  /** It is the series on the chart. */
  shown: boolean;
  starred: boolean;
  numberLocale: string;
  withMarket: boolean;
  locked: boolean;
  onOpen: (key: string, leave: boolean) => void;
  onSelect: (key: string) => void;
}

const Row = memo(function Row(props: RowProps) {
  const { quote, digits, order, total, height, active, shown, starred, numberLocale, withMarket, locked } = props;
  const t = useT();
  const { key, symbol, last, changePercent, volume } = quote;
  const [base, quoteAsset] = symbol.split("/");
  const dash = t("common.dash");
  const tone = changePercent === null || changePercent === 0 ? "" : changePercent > 0 ? "text-up" : "text-down";
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the list has the keys of its rows.
    // biome-ignore lint/a11y/useFocusableInteractive: the list has the focus, and names its active row.
    <div
      id={`market-${key}`}
      role="option"
      aria-posinset={order + 1}
      aria-setsize={total}
      aria-selected={active}
      aria-current={shown}
      data-key={symbol}
      data-market={quote.market}
      onClick={() => {
        props.onSelect(key);
        props.onOpen(key, false);
      }}
      style={{ height, top: order * height }}
      className="market-grid absolute inset-x-0 cursor-pointer text-12 tabular-nums hover:bg-bg-2 aria-current:shadow-[inset_2px_0_0_var(--accent)] aria-selected:bg-bg-3"
    >
      <button
        type="button"
        tabIndex={-1}
        aria-pressed={starred}
        aria-label={t(starred ? "markets.unstar" : "markets.star", { symbol })}
        data-cmd="markets.star"
        onClick={(event) => {
          event.stopPropagation();
          toggleWatched(key);
        }}
        className={`hit relative flex justify-center ${starred ? "text-warn [&_path]:fill-current" : "text-text-3 hover:text-text-1"}`}
      >
        <Icon name="star" size={14} />
      </button>
      <span className="min-w-0 truncate" title={symbol}>
        <span className="font-semibold">{base}</span>
        {quoteAsset !== undefined && <span className="market-quote text-text-3">/{quoteAsset}</span>}
        {withMarket && <span className="ml-1 text-text-3">{marketName(quote.market, t)}</span>}
      </span>
      <Ticking text={last === null || locked ? dash : formatPrice(last, digits)} />
      <Ticking
        text={changePercent === null || locked ? dash : formatPercent(changePercent)}
        className={locked ? "" : tone}
      />
      <span className="text-right text-text-2">{volume === null ? dash : formatVolume(volume, numberLocale)}</span>
    </div>
  );
});

/** Digits that change in place; a short tint says that they did. */
function Ticking({ text, className = "" }: { text: string; className?: string }) {
  const shown = useRef(false);
  useEffect(() => {
    shown.current = true;
  }, []);
  return (
    <span key={text} className={`truncate text-right ${className} ${shown.current ? "tint" : ""}`}>
      {text}
    </span>
  );
}
