import { useT } from "../../i18n/react";
import { Icon } from "../../ui/controls/Icon";
import { Marked } from "../../ui/controls/Marked";
import { marketName, shorten } from "./SymbolButton";
import type { Hit } from "./search";

interface ListingRowProps {
  id: string;
  hit: Hit;
  selected: boolean;
  formatDate: (time: number) => string;
  onPick: () => void;
  onHover: () => void;
}

export function ListingRow({ id, hit, selected, formatDate, onPick, onHover }: ListingRowProps) {
  const t = useT();
  const { listing } = hit;
  const range =
    listing.firstTime === null || listing.headTime === null
      ? t("symbol.notStored")
      : t("symbol.range", { from: formatDate(listing.firstTime), to: formatDate(listing.headTime) });
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the field above holds the focus and its keys choose the row.
    // biome-ignore lint/a11y/useFocusableInteractive: same; `aria-activedescendant` points here.
    <div
      id={id}
      role="option"
      aria-selected={selected}
      data-key={listing.key}
      onClick={onPick}
      onPointerMove={onHover}
      className="flex min-h-10 items-center gap-3 px-3 py-1 aria-selected:bg-bg-3 coarse:min-h-12"
    >
      <span className="flex w-4 justify-center text-text-3">
        {hit.favourite ? (
          <Icon name="star" size={14} className="text-warn [&_path]:fill-current" />
        ) : (
          hit.recent && <Icon name="clock" size={14} />
        )}
      </span>
      <span className="min-w-0 flex-1 truncate font-semibold" title={listing.symbol}>
        <Marked text={shorten(listing.symbol, 28)} at={listing.symbol.length <= 28 ? hit.at : []} />
        <span className="ml-2 text-12 font-normal text-text-3">{listing.timeframes.join(" ")}</span>
      </span>
      <span className="hidden shrink-0 text-12 text-text-3 phone:inline">{range}</span>
      <span className="w-12 shrink-0 text-right text-12 text-text-2">{marketName(listing.market, t)}</span>
      <span className="w-2">
        {listing.live && (
          <span
            role="img"
            aria-label={t("symbol.live")}
            data-tip={t("symbol.live")}
            className="block size-2 rounded-full bg-ok"
          />
        )}
      </span>
    </div>
  );
}
