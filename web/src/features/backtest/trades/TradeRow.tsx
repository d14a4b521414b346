import { memo } from "react";
import type { Trade } from "../../../api/backtest-types";
import { formatPrice } from "../../../chart/format/price";
import { useT } from "../../../i18n/react";
import { decimal, toneOf } from "../results/figures";
import { barsOf } from "./table";

interface RowProps {
  trade: Trade;
  place: { readonly row: number; readonly of: number; readonly height: number };
  selected: boolean;
  timeframe: number;
  digits: number;
  formatTime: (time: number) => string;
  onSelect: (trade: Trade) => void;
}

/** Drawn again only when something of its own changed: lists are long. */
export const Row = memo(TradeRow, (a, b) => {
  const samePlace = a.place.row === b.place.row && a.place.of === b.place.of && a.place.height === b.place.height;
  const sameWords = a.timeframe === b.timeframe && a.digits === b.digits && a.formatTime === b.formatTime;
  return samePlace && sameWords && a.trade === b.trade && a.selected === b.selected && a.onSelect === b.onSelect;
});

function TradeRow({ trade, place, selected, timeframe, digits, formatTime, onSelect }: RowProps) {
  const t = useT();
  const { index, side, openTime, closeTime, openRate, closeRate, profit, profitRatio, enterTag, exitReason } = trade;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the list has the keys of its rows.
    // biome-ignore lint/a11y/useFocusableInteractive: the list has the focus, and names its active row.
    <div
      id={`trade-${index}`}
      role="option"
      aria-posinset={place.row + 1}
      aria-setsize={place.of}
      aria-selected={selected}
      data-key={index}
      onClick={() => onSelect(trade)}
      style={{ height: place.height, top: place.row * place.height }}
      className="trade-grid absolute inset-x-0 cursor-pointer text-12 tabular-nums hover:bg-bg-2 aria-selected:bg-bg-3"
    >
      <Cell>{index + 1}</Cell>
      <Cell left tone={side === "long" ? "text-up" : "text-down"}>
        {t(`backtest.side.${side}`)}
      </Cell>
      <Cell left>{formatTime(openTime)}</Cell>
      <Cell left>{formatTime(closeTime)}</Cell>
      <Cell>{barsOf(trade, timeframe)}</Cell>
      <Cell>{formatPrice(openRate, digits)}</Cell>
      <Cell>{formatPrice(closeRate, digits)}</Cell>
      <Cell tone={toneOf(profit)}>{decimal(profit, 2, true)}</Cell>
      <Cell tone={toneOf(profitRatio)}>{decimal(profitRatio * 100, 2, true)}%</Cell>
      <Cell left>{enterTag}</Cell>
      <Cell left>{exitReason}</Cell>
    </div>
  );
}

function Cell({ left = false, tone = "", children }: { left?: boolean; tone?: string; children: React.ReactNode }) {
  return <span className={`min-w-0 truncate ${left ? "text-left" : "text-right"} ${tone}`}>{children}</span>;
}
