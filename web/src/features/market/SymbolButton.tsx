import { parseSeriesId } from "../../api/series";
import type { PlainKey, Translate } from "../../i18n/catalogue";
import { useT } from "../../i18n/react";
import { Icon } from "../../ui/controls/Icon";

/** Name of a market in the chosen language; unknown markets keep their own. */
export function marketName(market: string, t: Translate): string {
  return market === "spot" || market === "futures" ? t(`market.${market}` satisfies PlainKey) : market;
}

/** The symbol on screen, and the way to another one. */
export function SymbolButton({
  series,
  onClick,
  compact,
}: {
  series: string | null;
  onClick: () => void;
  compact: boolean;
}) {
  const t = useT();
  const parts = series === null ? null : parseSeriesId(series);
  const symbol = parts?.symbol ?? t("symbol.choose");
  const market = parts ? marketName(parts.market, t) : "";
  const label = parts ? t("symbol.button", { symbol, market }) : symbol;
  return (
    <button
      type="button"
      data-cmd="symbol.search"
      aria-label={label}
      aria-haspopup="dialog"
      data-tip={t("cmd.symbol.search")}
      data-tip-keys="/"
      onClick={onClick}
      className="hit relative flex h-(--control) min-w-0 items-center gap-2 rounded-control px-2 hover:bg-bg-3"
    >
      {!compact && <Icon name="search" className="text-text-3" />}
      <span className="truncate text-15 font-semibold" title={symbol}>
        {shorten(symbol, compact ? 12 : 24)}
      </span>
      {market !== "" && !compact && (
        <span className="rounded-[3px] border border-line px-1 text-11 leading-4 text-text-2 max-[899px]:hidden">
          {market}
        </span>
      )}
    </button>
  );
}

/** Cuts in the middle, where names differ least. */
export function shorten(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const head = Math.ceil((limit - 1) / 2);
  return `${text.slice(0, head)}…${text.slice(text.length - (limit - 1 - head))}`;
}
