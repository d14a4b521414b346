import { useEffect, useMemo, useState, useSyncExternalStore } from "react";
import { formatDuration } from "../../chart/format/duration";
import { stampFormat, timeFormat } from "../../chart/format/time";
import type { Activity, ActivityLog } from "../../feed/activity";
import type { Recorder } from "../../feed/recorder";
import { useLocale, useT } from "../../i18n/react";
import { Button, IconButton } from "../../ui/controls/Button";
import { Segmented, Select } from "../../ui/controls/Choice";
import { copyText } from "../../ui/feedback/clipboard";
import { EmptyState } from "../../ui/feedback/States";
import { LogRows } from "./LogRows";
import { activityLine, activityText, filterActivities, type LogFilter } from "./words";

export interface LogPanelProps {
  log: ActivityLog;
  recorder: Recorder;
  timeZone: string;
  offline: boolean;
}

const LEVELS = ["info", "warn", "error"] as const;
const EVERYTHING: LogFilter = { level: "info", series: null, text: "" };
const ALL = "*";

/** What this page and, with an open debug gate, the server did, in the order in which it happened. */
export default function LogPanel({ log, recorder, timeZone, offline }: LogPanelProps) {
  const t = useT();
  useEffect(() => recorder.wantServerEvents(), [recorder]);
  const gate = useSyncExternalStore(
    (onChange) => recorder.onGate(onChange),
    () => recorder.gate(),
  );
  const all = useSyncExternalStore(
    (onChange) => log.subscribe(onChange),
    () => log.entries(),
  );
  const [filter, setFilter] = useState(EVERYTHING);
  const [paused, setPaused] = useState<readonly Activity[] | null>(null);
  const textOf = useTexts(timeZone);
  const stamp = useMemo(() => stampFormat(timeZone), [timeZone]);
  const entries = paused ?? all;
  const rows = useMemo(() => filterActivities(entries, filter, textOf), [entries, filter, textOf]);
  const lineOf = (entry: Activity) => activityLine(entry, textOf(entry), stamp.full(entry.atMs), t);
  const state = rows.length === 0 ? "empty" : offline ? "offline" : "ready";

  return (
    <div
      data-panel="log"
      data-state={state}
      data-rows={rows.length}
      data-gate={gate}
      className="flex min-h-0 flex-1 flex-col"
    >
      <div className="log-tools border-b border-line px-2 py-1">
        <Filters entries={entries} filter={filter} onChange={setFilter} />
        <p className="log-note truncate text-right text-12 text-text-3">
          {paused
            ? t("log.paused", { n: newer(all, paused) })
            : gate === "open"
              ? t("log.withServer")
              : t("log.pageOnly")}
        </p>
        <IconButton
          icon={paused ? "play" : "pause"}
          label={t(paused ? "log.resume" : "log.pause")}
          data-cmd="log.pause"
          aria-pressed={paused !== null}
          className={paused ? "bg-bg-3 text-accent" : ""}
          onClick={() => setPaused(paused ? null : all)}
        />
        <IconButton
          icon="copy"
          label={t("log.copyAll")}
          data-cmd="log.copyAll"
          onClick={() => void copyText(rows.map(lineOf).join("\n"), t, t("log.copied", { n: rows.length }))}
        />
      </div>
      {rows.length === 0 ? (
        <Nothing filtered={entries.length > 0} onClear={() => setFilter(EVERYTHING)} />
      ) : (
        <LogRows
          rows={rows}
          stamp={stamp}
          textOf={textOf}
          onCopy={(entry) => void copyText(lineOf(entry), t, t("log.copied", { n: 1 }))}
        />
      )}
    </div>
  );
}

function Nothing({ filtered, onClear }: { filtered: boolean; onClear: () => void }) {
  const t = useT();
  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      {filtered ? (
        <EmptyState icon="log" title={t("log.noMatch")}>
          <Button onClick={onClear}>{t("log.clearFilter")}</Button>
        </EmptyState>
      ) : (
        <EmptyState icon="log" title={t("log.empty")} text={t("log.empty.text")} />
      )}
    </div>
  );
}

interface FiltersProps {
  entries: readonly Activity[];
  filter: LogFilter;
  onChange: (filter: LogFilter) => void;
}

function Filters({ entries, filter, onChange }: FiltersProps) {
  const t = useT();
  const series = useMemo(() => {
    const found = new Set(entries.flatMap((entry) => entry.series ?? []));
    if (filter.series !== null) found.add(filter.series);
    return [...found].sort();
  }, [entries, filter.series]);
  return (
    <>
      <Segmented
        label={t("log.level")}
        value={filter.level}
        options={LEVELS.map((value) => ({ value, label: t(`log.from.${value}`) }))}
        onChange={(level) => onChange({ ...filter, level })}
      />
      <Select
        label={t("log.series")}
        value={filter.series ?? ALL}
        options={[{ value: ALL, label: t("log.allSeries") }, ...series.map((id) => ({ value: id, label: id }))]}
        onChange={(value) => onChange({ ...filter, series: value === ALL ? null : value })}
      />
      <input
        type="search"
        aria-label={t("log.search")}
        placeholder={t("log.search")}
        value={filter.text}
        onChange={(event) => onChange({ ...filter, text: event.target.value })}
        className="log-search h-(--control) min-w-0 rounded-control border border-line-strong bg-bg-2 px-2 text-12"
      />
    </>
  );
}

/** Rows that came after the last one of `shown`. */
function newer(all: readonly Activity[], shown: readonly Activity[]): number {
  const last = shown.at(-1)?.id ?? 0;
  return all.reduce((sum, entry) => sum + (entry.id > last ? 1 : 0), 0);
}

/** The sentence of a row, made once per row and language. */
function useTexts(timeZone: string): (entry: Activity) => string {
  const t = useT();
  const locale = useLocale();
  return useMemo(() => {
    const times = timeFormat(locale, timeZone, 60);
    const formats = { time: times.dateTime, duration: (seconds: number) => formatDuration(seconds, locale) };
    const known = new WeakMap<Activity, string>();
    return (entry) => {
      const text = known.get(entry) ?? activityText(entry, t, formats);
      known.set(entry, text);
      return text;
    };
  }, [t, locale, timeZone]);
}
