import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from "react";
import type { TopMarketsState } from "../../api/top-markets";
import { useT } from "../../i18n/react";
import { Button } from "../../ui/controls/Button";
import { Segmented } from "../../ui/controls/Choice";
import { Icon } from "../../ui/controls/Icon";
import { EmptyState, ErrorState, SkeletonRows, useNow } from "../../ui/feedback/States";
import { useStored } from "../../ui/storage/useStored";
import { MarketRows } from "./MarketRows";
import { MarketsFooter } from "./MarketsFooter";
import { favourites, matching, type Quote, quoteOf, RowOrder, sorted } from "./quotes";
import { useTopMarkets } from "./useTopMarkets";
import { COLUMNS, listLook, MARKET_LISTS, type MarketList, sortBy, watchlist } from "./watchlist";

export interface MarketsPanelProps {
  /** Listing key of the series on screen. */
  current: string | null;
  /** Language whose units large numbers take. */
  numberLocale: string;
  onOpen: (key: string, leave: boolean) => void;
  /** Prices of now are not to be seen. */
  locked: boolean;
}

/** After a key, the order stays for this long, milliseconds. */
const HELD_MS = 2_000;
/** A loss shorter than this is not mentioned. */
const NOTICED_AFTER_MS = 1_000;

/** What is traded now, streamed; favourites of this device. */
export default function MarketsPanel({ current, numberLocale, onOpen, locked }: MarketsPanelProps) {
  const t = useT();
  const { list, sort } = useStored(listLook, (state) => state);
  const watched = useStored(watchlist, (state) => state.keys);
  const [typed, setTyped] = useState("");
  const source = useSource(list, watched);
  const { held, onPoint, onKey } = useHeld();
  const [order] = useState(() => new RowOrder());

  const rows = useMemo(() => {
    const found = list === "favourites" ? favourites(watched, source.quotes) : source.quotes;
    const wanted = sorted(matching(found, typed), sort);
    return order.arrange(wanted, held, `${list} ${sort.by} ${sort.descending} ${typed}`);
  }, [list, watched, source.quotes, typed, sort, held, order]);
  const state = stateOf(source, rows.length);

  return (
    <div
      data-panel="markets"
      data-state={state}
      data-rows={rows.length}
      data-held={held}
      // The list itself may be gone by the time the pointer leaves it.
      onPointerLeave={() => onPoint(false)}
      onPointerMove={(event) => {
        if (!(event.target as Element).closest('[role="listbox"]')) onPoint(false);
      }}
      className="markets flex min-h-0 flex-1 flex-col"
    >
      <div className="flex flex-col gap-1.5 border-b border-line px-3 py-2">
        <input
          type="search"
          aria-label={t("markets.search")}
          placeholder={t("markets.search")}
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === "ArrowDown") focusRows(event);
          }}
          className="h-(--control) w-full rounded-control border border-line-strong bg-bg-2 px-2 text-12"
        />
        <Segmented
          label={t("markets.list")}
          value={list}
          options={MARKET_LISTS.map((value) => ({ value, label: t(`markets.list.${value}`) }))}
          onChange={(value) => listLook.setState({ list: value })}
        />
      </div>
      <Header />
      {rows.length > 0 ? (
        <MarketRows
          rows={rows}
          current={current}
          watched={watched}
          numberLocale={numberLocale}
          withMarket={list === "favourites"}
          locked={locked}
          onOpen={onOpen}
          onPoint={onPoint}
          onKey={onKey}
        />
      ) : (
        <Nothing state={state} list={list} source={source} typed={typed} />
      )}
      {locked && (
        <p role="note" className="flex items-center gap-2 border-t border-line px-3 py-1.5 text-12 text-replay">
          <Icon name="lock" size={14} />
          {t("replay.locked")}
        </p>
      )}
      <MarketsFooter source={source} />
    </div>
  );
}

function focusRows(event: KeyboardEvent<HTMLElement>): void {
  event.preventDefault();
  event.currentTarget.closest("[data-panel]")?.querySelector<HTMLElement>('[role="listbox"]')?.focus();
}

export interface Source {
  quotes: readonly Quote[];
  /** Of the streams that feed the list: the one in the worst state. */
  stream: TopMarketsState | null;
  /** Lost for long enough to be mentioned. */
  down: boolean;
  nowMs: number;
  retry: () => void;
}

/** The one stream of a market list, or both of them for the favourites. */
function useSource(list: MarketList, watched: readonly string[]): Source {
  const needs = (market: "spot" | "futures") =>
    list === market || (list === "favourites" && watched.some((key) => key.split(":")[1] === market));
  const spot = useTopMarkets("spot", needs("spot"));
  const futures = useTopMarkets("futures", needs("futures"));
  const nowMs = useNow(1_000);
  const used = [needs("spot") ? spot : null, needs("futures") ? futures : null].flatMap((one) => one ?? []);
  const spotList = needs("spot") ? spot.state?.list : null;
  const futuresList = needs("futures") ? futures.state?.list : null;
  const quotes = useMemo(
    () => [...(spotList?.items ?? []), ...(futuresList?.items ?? [])].map(quoteOf),
    [spotList, futuresList],
  );
  const states = used.flatMap(({ state }) => state ?? []);
  const stream =
    states.find(({ downSinceMs }) => downSinceMs !== null) ??
    states.find(({ failure, list: found }) => failure !== null || found?.stale) ??
    states[0] ??
    null;
  const down = stream !== null && stream.downSinceMs !== null && nowMs - stream.downSinceMs >= NOTICED_AFTER_MS;
  const retry = () => {
    for (const one of used) one.retry();
  };
  return { quotes, stream, down, nowMs, retry };
}

type PanelState = "loading" | "ready" | "stale" | "error" | "offline" | "empty";

function stateOf({ stream, down }: Source, rows: number): PanelState {
  if (rows === 0 && stream?.list == null) {
    if (stream === null) return "empty";
    return down ? "offline" : stream.failure !== null ? "error" : "loading";
  }
  if (rows === 0) return "empty";
  if (down) return "offline";
  return stream !== null && (stream.failure !== null || stream.list?.stale === true) ? "stale" : "ready";
}

/** The order of rows is held while somebody points at them, and shortly after a key. */
function useHeld() {
  const [pointed, setPointed] = useState(false);
  const [keyed, setKeyed] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const onKey = () => {
    clearTimeout(timer.current);
    setKeyed(true);
    timer.current = setTimeout(() => setKeyed(false), HELD_MS);
  };
  return { held: pointed || keyed, onPoint: setPointed, onKey };
}

function Header() {
  const t = useT();
  const sort = useStored(listLook, (state) => state.sort);
  return (
    <div className="market-grid h-7 shrink-0 overflow-y-hidden border-b border-line text-12 text-text-3 [scrollbar-gutter:stable] coarse:h-9">
      <span />
      {COLUMNS.map((column) => {
        const active = sort.by === column;
        const direction = sort.descending ? "markets.descending" : "markets.ascending";
        const name = t(`markets.column.${column}`);
        return (
          <button
            key={column}
            type="button"
            data-cmd={`markets.sort.${column}`}
            aria-pressed={active}
            aria-label={active ? t(direction, { column: name }) : t("markets.sort", { column: name })}
            onClick={() => sortBy(column)}
            className={`hit relative truncate hover:text-text-1 aria-pressed:font-semibold aria-pressed:text-text-1 ${column === "symbol" ? "text-left" : "text-right"}`}
          >
            {name}
            {active && <span aria-hidden="true">{sort.descending ? " ↓" : " ↑"}</span>}
          </button>
        );
      })}
    </div>
  );
}

interface NothingProps {
  state: PanelState;
  list: MarketList;
  source: Source;
  typed: string;
}

function Nothing({ state, list, source, typed }: NothingProps) {
  const t = useT();
  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      {state === "loading" && (
        <SkeletonRows rows={["92%", "86%", "90%", "84%", "92%", "88%"]} words={t("markets.loading")} />
      )}
      {state === "error" && source.stream?.failure && (
        <ErrorState
          title={t("markets.error")}
          failure={{ code: "upstream_error", message: source.stream.failure, requestId: "" }}
          onRetry={source.retry}
        />
      )}
      {state === "offline" && (
        <EmptyState icon="offline" title={t("markets.offline")}>
          <Button onClick={source.retry}>{t("common.tryNow")}</Button>
        </EmptyState>
      )}
      {state === "empty" &&
        (typed.trim() !== "" ? (
          <EmptyState icon="search" title={t("markets.none", { query: typed.trim() })} text={t("markets.none.text")} />
        ) : list === "favourites" ? (
          <EmptyState icon="star" title={t("markets.noFavourites")} text={t("markets.noFavourites.text")}>
            <Button onClick={() => listLook.setState({ list: "futures" })}>{t("markets.showFutures")}</Button>
          </EmptyState>
        ) : (
          <EmptyState icon="empty" title={t("markets.nothing")} />
        ))}
    </div>
  );
}
