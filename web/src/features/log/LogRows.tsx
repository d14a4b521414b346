import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import type { StampFormat } from "../../chart/format/time";
import type { Activity, ActivityLevel } from "../../feed/activity";
import { useT } from "../../i18n/react";
import { Button, IconButton } from "../../ui/controls/Button";
import { Icon, type IconName } from "../../ui/controls/Icon";
import { useRowHeight } from "../../ui/lists/useRowHeight";
import { useVirtualRows } from "../../ui/lists/useVirtualRows";
import { sourceOf } from "./words";

const LOOKS: Readonly<Record<ActivityLevel, { icon: IconName; tone: string }>> = {
  info: { icon: "info", tone: "text-text-3" },
  warn: { icon: "warn", tone: "text-warn" },
  error: { icon: "error", tone: "text-danger" },
};

interface LogRowsProps {
  rows: readonly Activity[];
  stamp: StampFormat;
  textOf: (entry: Activity) => string;
  onCopy: (entry: Activity) => void;
}

/** Newest last. The end is followed while nobody points at the list, reads further up, or moves in it by keys. */
export function LogRows({ rows, stamp, textOf, onCopy }: LogRowsProps) {
  const t = useT();
  const list = useRef<HTMLDivElement>(null);
  const rowHeight = useRowHeight(24, 44);
  const { from, to } = useVirtualRows(list, rowHeight, rows.length);
  const [active, setActive] = useState<number | null>(null);
  const { missed, toEnd, hold } = useFollowing(list, rows);
  const activeAt = active === null ? -1 : rows.findIndex(({ id }) => id === active);

  const move = (at: number) => {
    const next = Math.min(Math.max(at, 0), rows.length - 1);
    setActive(rows[next]?.id ?? null);
    reveal(list.current, next, rowHeight);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const start = activeAt < 0 ? rows.length - 1 : activeAt;
    const page = Math.floor((list.current?.clientHeight ?? 0) / rowHeight);
    const target = { ArrowUp: start - 1, ArrowDown: start + 1, PageUp: start - page, PageDown: start + page, Home: 0 }[
      event.key
    ];
    const entry = rows[activeAt];
    if (event.key === "End") {
      setActive(null);
      toEnd();
    } else if (target !== undefined) move(target);
    else if (entry && (event.key === "Enter" || (event.key === "c" && (event.ctrlKey || event.metaKey)))) onCopy(entry);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <div className="relative flex min-h-0 flex-1 flex-col">
      <div
        ref={list}
        role="listbox"
        aria-label={t("log.title")}
        aria-activedescendant={activeAt >= from && activeAt < to ? `log-${active}` : undefined}
        tabIndex={0}
        onKeyDown={onKeyDown}
        onPointerEnter={() => hold(true)}
        onPointerLeave={() => hold(false)}
        className="min-h-0 flex-1 overflow-y-auto outline-offset-[-2px] [scrollbar-gutter:stable]"
      >
        <div role="presentation" style={{ height: rows.length * rowHeight }} className="relative">
          {rows.slice(from, to).map((entry, at) => (
            <Row
              key={entry.id}
              entry={entry}
              order={from + at}
              total={rows.length}
              height={rowHeight}
              active={entry.id === active}
              stamp={stamp}
              text={textOf(entry)}
              onSelect={() => setActive(entry.id)}
              onCopy={() => onCopy(entry)}
            />
          ))}
        </div>
      </div>
      {rows[activeAt] && (
        <p
          data-testid="log-detail"
          className="max-h-[5.6em] shrink-0 overflow-y-auto border-t border-line bg-bg-2 px-3 py-1 text-12 break-words select-text"
        >
          {textOf(rows[activeAt])}
        </p>
      )}
      {missed > 0 && (
        <Button
          data-cmd="log.end"
          className="absolute right-4 bottom-2 rounded-full bg-bg-2 text-12 shadow-float"
          onClick={toEnd}
        >
          {t("log.newer", { n: missed })}
          <Icon name="chevronDown" size={14} />
        </Button>
      )}
    </div>
  );
}

interface RowProps {
  entry: Activity;
  order: number;
  total: number;
  height: number;
  active: boolean;
  stamp: StampFormat;
  text: string;
  onSelect: () => void;
  onCopy: () => void;
}

function Row({ entry, order, total, height, active, stamp, text, onSelect, onCopy }: RowProps) {
  const t = useT();
  const { icon, tone } = LOOKS[entry.level];
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the list has the keys of its rows.
    // biome-ignore lint/a11y/useFocusableInteractive: the list has the focus, and names its active row.
    <div
      id={`log-${entry.id}`}
      role="option"
      aria-posinset={order + 1}
      aria-setsize={total}
      aria-selected={active}
      data-key={entry.id}
      data-level={entry.level}
      data-kind={entry.what.kind}
      onClick={onSelect}
      style={{ height, top: order * height }}
      className="group absolute inset-x-0 flex items-center gap-3 pr-1 pl-3 text-12 hover:bg-bg-2 aria-selected:bg-bg-3"
    >
      <span className="shrink-0 text-text-3 tabular-nums">
        <span className="max-dock:hidden">{stamp.date(entry.atMs)} </span>
        {stamp.clock(entry.atMs)}
      </span>
      <span className={`flex shrink-0 items-center ${tone}`}>
        <Icon name={icon} size={14} />
        <span className="sr-only">{t(`log.level.${entry.level}`)}</span>
      </span>
      <span className="w-[84px] shrink-0 truncate text-text-2 max-phone:hidden">
        {t(`log.source.${sourceOf(entry)}`)}
      </span>
      <span className="w-[200px] shrink-0 truncate text-text-3 max-dock:hidden">{entry.series}</span>
      <span title={text} className="min-w-0 flex-1 truncate text-text-1">
        {text}
        {entry.count > 1 && <span className="ml-1.5 text-text-3">{t("toast.times", { n: entry.count })}</span>}
      </span>
      <span className={active ? "" : "opacity-0 group-hover:opacity-100"}>
        <IconButton icon="copy" label={t("log.copyRow")} tabIndex={-1} onClick={onCopy} />
      </span>
    </div>
  );
}

/** Keeps the end in view, unless somebody is reading; counts what came since. */
function useFollowing(list: React.RefObject<HTMLElement | null>, rows: readonly Activity[]) {
  const pointed = useRef(false);
  const atEnd = useRef(true);
  const [seen, setSeen] = useState(Number.POSITIVE_INFINITY);
  const newest = rows.at(-1)?.id ?? 0;

  const toEnd = () => {
    const node = list.current;
    if (node) node.scrollTop = node.scrollHeight;
    atEnd.current = true;
    setSeen(Number.POSITIVE_INFINITY);
  };
  useEffect(() => {
    const node = list.current;
    if (!node) return;
    const read = () => {
      atEnd.current = node.scrollTop + node.clientHeight >= node.scrollHeight - 4;
      if (atEnd.current) setSeen(Number.POSITIVE_INFINITY);
    };
    node.addEventListener("scroll", read, { passive: true });
    return () => node.removeEventListener("scroll", read);
  }, [list]);
  const before = useRef(newest);
  useEffect(() => {
    const node = list.current;
    if (node && atEnd.current && !pointed.current) node.scrollTop = node.scrollHeight;
    else if (newest !== before.current) setSeen((known) => Math.min(known, before.current));
    before.current = newest;
  }, [list, newest]);

  const missed = seen === Number.POSITIVE_INFINITY ? 0 : rows.reduce((sum, { id }) => sum + (id > seen ? 1 : 0), 0);
  const hold = (on: boolean) => {
    pointed.current = on;
  };
  return { missed, toEnd, hold };
}

function reveal(node: HTMLElement | null, row: number, height: number): void {
  if (!node) return;
  if (row * height < node.scrollTop) node.scrollTop = row * height;
  else if ((row + 1) * height > node.scrollTop + node.clientHeight)
    node.scrollTop = (row + 1) * height - node.clientHeight;
}
