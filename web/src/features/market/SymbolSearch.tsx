import { type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from "react";
import type { ApiClient } from "../../api/client";
import { useT } from "../../i18n/react";
import { Segmented } from "../../ui/controls/Choice";
import { Icon } from "../../ui/controls/Icon";
import { Keys } from "../../ui/controls/Keys";
import { retryAt } from "../../ui/feedback/retry";
import { EmptyState, ErrorState, SkeletonRows } from "../../ui/feedback/States";
import { Dialog } from "../../ui/overlays/Dialog";
import { useStored } from "../../ui/storage/useStored";
import { choices } from "./choices";
import { ListingRow } from "./ListingRow";
import { quoteOf } from "./quotes";
import { type Hit, type MarketTab, parseQuery, searchListings } from "./search";
import { listings, withTraded } from "./universe";
import { useTraded } from "./useTraded";
import { useUniverse } from "./useUniverse";
import { watchlist } from "./watchlist";

export interface SymbolSearchProps {
  api: ApiClient;
  /** First character, when the search was opened by typing it. */
  initial: string;
  /** Timeframe that stays unless another is typed. */
  timeframe: string;
  formatDate: (time: number) => string;
  onPick: (seriesId: string) => void;
  onClose: () => void;
}

const TABS: readonly MarketTab[] = ["all", "spot", "futures"];

export default function SymbolSearch({ api, initial, timeframe, formatDate, onPick, onClose }: SymbolSearchProps) {
  const t = useT();
  const list = useId();
  const universe = useUniverse(api, 5_000);
  const recent = useStored(choices, (state) => state.recent);
  const [typed, setTyped] = useState(initial);
  const [tab, setTab] = useState<MarketTab>("all");
  const [active, setActive] = useState(0);

  const favourites = useStored(watchlist, (state) => state.keys);
  const traded = useTraded(api);
  const all = useMemo(() => withTraded(listings(universe.data ?? []), traded), [universe.data, traded]);
  const query = parseQuery(typed);
  const hits = useMemo(() => {
    const volumes = new Map(traded.map(quoteOf).map(({ key, volume }) => [key, volume ?? 0]));
    return searchListings(all, query.text, tab, { recent, favourites, volumes });
  }, [all, query.text, tab, recent, favourites, traded]);
  const at = Math.min(active, Math.max(0, hits.length - 1));

  const open = (hit: Hit | undefined) => {
    if (!hit) return;
    onClose();
    onPick(`${hit.listing.key}:${query.timeframe ?? bestTimeframe(hit, timeframe)}`);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === "Enter") open(hits[at]);
    else if (event.key === "Tab" && !event.shiftKey && !event.ctrlKey) {
      setTab(TABS[(TABS.indexOf(tab) + 1) % TABS.length] ?? "all");
    } else {
      const to = moved(event.key, at, hits.length);
      if (to === null) return;
      setActive(to);
    }
    event.preventDefault();
  };

  return (
    <Dialog title={t("symbol.title")} onClose={onClose} bare testId="symbol-search">
      <div className="flex max-h-[min(72vh,560px)] flex-col" data-rows={hits.length}>
        <div className="flex items-center gap-2 border-b border-line bg-bg-2 px-3">
          <Icon name="search" className="text-text-3" />
          <input
            data-autofocus
            role="combobox"
            aria-label={t("symbol.title")}
            aria-expanded="true"
            aria-controls={list}
            aria-activedescendant={hits[at] && `${list}-${at}`}
            placeholder={t("symbol.placeholder")}
            value={typed}
            onChange={(event) => {
              setTyped(event.target.value);
              setActive(0);
            }}
            onKeyDown={onKeyDown}
            autoComplete="off"
            spellCheck={false}
            className="h-11 min-w-0 flex-1 text-15 outline-none"
          />
          <span className="w-[12ch] text-right text-12 text-accent">
            {query.timeframe && t("symbol.withTimeframe", { timeframe: query.timeframe })}
          </span>
        </div>
        <div className="border-b border-line px-3 py-2">
          <Segmented
            label={t("symbol.hint.tab")}
            value={tab}
            options={TABS.map((value) => ({ value, label: t(`symbol.tab.${value}`) }))}
            onChange={setTab}
          />
        </div>
        <div className="min-h-[200px] flex-1 overflow-y-auto">
          {universe.data === undefined && !universe.isError && (
            <SkeletonRows rows={["60%", "72%", "54%", "66%"]} words={t("symbol.loading")} />
          )}
          {universe.isError && universe.data === undefined && (
            <ErrorState
              title={t("symbol.error")}
              failure={universe.error}
              retryAtMs={retryAt(universe)}
              onRetry={() => universe.refetch()}
            />
          )}
          {universe.data && hits.length === 0 && <Nothing query={typed.trim()} empty={all.length === 0} />}
          <Results id={list} hits={hits} active={at} formatDate={formatDate} onPick={open} onHover={setActive} />
        </div>
        <Hints count={hits.length} />
      </div>
    </Dialog>
  );
}

/** Keeps the timeframe on screen; a symbol without it, but with others stored, opens in its shortest. */
function bestTimeframe(hit: Hit, wanted: string): string {
  const { timeframes, headTime } = hit.listing;
  if (timeframes.includes(wanted) || headTime === null || hit.listing.live) return wanted;
  return timeframes[0] ?? wanted;
}

function moved(key: string, at: number, count: number): number | null {
  switch (key) {
    case "ArrowDown":
      return count === 0 ? 0 : (at + 1) % count;
    case "ArrowUp":
      return count === 0 ? 0 : (at - 1 + count) % count;
    case "PageDown":
      return Math.max(0, Math.min(count - 1, at + 8));
    case "PageUp":
      return Math.max(0, at - 8);
    default:
      return null;
  }
}

interface ResultsProps {
  id: string;
  hits: readonly Hit[];
  active: number;
  formatDate: (time: number) => string;
  onPick: (hit: Hit) => void;
  onHover: (at: number) => void;
}

function Results({ id, hits, active, formatDate, onPick, onHover }: ResultsProps) {
  const t = useT();
  const ref = useRef<HTMLDivElement>(null);
  useEffect(() => {
    ref.current?.children[active]?.scrollIntoView({ block: "nearest" });
  }, [active]);
  return (
    <div ref={ref} id={id} role="listbox" aria-label={t("symbol.title")}>
      {hits.map((hit, at) => (
        <ListingRow
          key={hit.listing.key}
          id={`${id}-${at}`}
          hit={hit}
          selected={at === active}
          formatDate={formatDate}
          onPick={() => onPick(hit)}
          onHover={() => onHover(at)}
        />
      ))}
    </div>
  );
}

function Nothing({ query, empty }: { query: string; empty: boolean }) {
  const t = useT();
  return empty ? (
    <EmptyState icon="empty" title={t("symbol.empty.title")} text={t("symbol.empty.text")} />
  ) : (
    <EmptyState icon="search" title={t("symbol.none.title", { query })} text={t("symbol.none.text")} />
  );
}

function Hints({ count }: { count: number }) {
  const t = useT();
  return (
    <footer className="flex items-center gap-4 border-t border-line bg-bg-2 px-3 py-1.5 text-12 text-text-3">
      <span className="flex items-center gap-1.5">
        <Keys chord="Enter" /> {t("symbol.hint.open")}
      </span>
      <span className="hidden items-center gap-1.5 phone:flex">
        <Keys chord="ArrowDown" /> {t("symbol.hint.move")}
      </span>
      <span className="hidden items-center gap-1.5 phone:flex">
        <Keys chord="Tab" /> {t("symbol.hint.tab")}
      </span>
      <span role="status" className="ml-auto">
        {t("symbol.results", { n: count })}
      </span>
    </footer>
  );
}
