import type { BacktestRun, RunOrder, RunState } from "../../../api/backtest-types";
import { formatDuration } from "../../../chart/format/duration";
import { useLocale, useT } from "../../../i18n/react";
import { Button, IconButton } from "../../../ui/controls/Button";
import { Icon, type IconName } from "../../../ui/controls/Icon";
import { figure, figureOf, figureText, toneOf } from "../results/figures";
import { useNow } from "../useNow";
import { paramsText, rangeText, stageText } from "../words";
import { isActive, isEmptyHanded } from "./actions";

interface RunListProps {
  runs: readonly BacktestRun[];
  /** On its way to the server. */
  starting: { readonly order: RunOrder; readonly sinceMs: number } | null;
  /** The one that is open. */
  open: string | null;
  ticked: readonly string[];
  formatTime: (seconds: number) => string;
  onOpen: (id: string) => void;
  onTick: (id: string) => void;
  onCancel: (id: string) => void;
  onDelete: (run: BacktestRun) => void;
  onCompare: () => void;
  /** Reads older runs; null: all of them are listed. */
  onOlder: (() => void) | null;
}

/** Everything that ran or runs, newest first. */
export function RunList(props: RunListProps) {
  const { runs, starting, ticked, onCompare, onOlder } = props;
  const t = useT();
  const now = useNow(250, starting !== null || runs.some(isActive));
  return (
    <section aria-label={t("backtest.runs")} data-testid="backtest-runs" className="flex min-h-0 flex-col">
      <header className="flex h-8 shrink-0 items-center justify-between gap-2 border-b border-line px-2">
        <h3 className="text-12 font-semibold text-text-3">{t("backtest.runs")}</h3>
        {ticked.length > 1 && (
          <Button data-cmd="backtest.compare" className="h-6 px-2 text-12" onClick={onCompare}>
            {t("backtest.compare", { n: ticked.length })}
          </Button>
        )}
      </header>
      <ul className="min-h-0 flex-1 overflow-y-auto [scrollbar-gutter:stable]">
        {starting && <Starting order={starting.order} sinceMs={starting.sinceMs} now={now} />}
        {runs.map((run) => (
          <Row key={run.id} run={run} now={now} {...props} />
        ))}
        {onOlder && (
          <li className="p-1">
            <Button tone="plain" data-cmd="backtest.older" className="w-full text-12" onClick={onOlder}>
              {t("backtest.runs.older")}
            </Button>
          </li>
        )}
        {runs.length === 0 && !starting && <li className="p-3 text-12 text-text-2">{t("backtest.runs.none")}</li>}
      </ul>
    </section>
  );
}

function Starting({ order, sinceMs, now }: { order: RunOrder; sinceMs: number; now: number }) {
  const t = useT();
  const locale = useLocale();
  return (
    <li data-key="" data-state="starting" className="border-b border-line px-2 py-1.5 text-12">
      <p className="truncate font-semibold">{order.strategy}</p>
      <p role="status" className="text-text-2 tabular-nums">
        {t("backtest.state.starting")} · {formatDuration((now - sinceMs) / 1_000, locale)}
      </p>
      <Line percent={null} />
    </li>
  );
}

const ICONS: Readonly<Record<RunState, { icon: IconName; tone: string }>> = {
  queued: { icon: "clock", tone: "text-text-3" },
  running: { icon: "play", tone: "text-accent" },
  done: { icon: "check", tone: "text-ok" },
  failed: { icon: "error", tone: "text-danger" },
  cancelled: { icon: "close", tone: "text-text-3" },
  timed_out: { icon: "warn", tone: "text-warn" },
};

function Row({ run, now, ...props }: RunListProps & { run: BacktestRun; now: number }) {
  const { open, ticked, formatTime, onOpen, onTick, onCancel, onDelete } = props;
  const t = useT();
  const active = isActive(run);
  const { icon, tone } = isEmptyHanded(run) ? ICONS.failed : ICONS[run.state];
  const asked = paramsText(run.params);
  const comparable = run.response !== null && run.response.result !== null;
  return (
    <li
      data-key={run.id}
      data-state={run.state}
      className={`group relative border-b border-line text-12 hover:bg-bg-2 ${open === run.id ? "bg-bg-3" : ""}`}
    >
      <button
        type="button"
        data-cmd="backtest.open"
        aria-current={open === run.id}
        onClick={() => onOpen(run.id)}
        className="flex w-full min-w-0 flex-col px-2 py-1.5 text-left outline-offset-[-2px]"
      >
        <span className="flex min-w-0 items-center gap-1.5 pr-14">
          <span className={`flex shrink-0 ${tone}`}>
            <Icon name={icon} size={14} />
            <span className="sr-only">{t(`backtest.state.${run.state}`)}</span>
          </span>
          <span className="truncate font-semibold">{run.strategy}</span>
        </span>
        <span className="truncate text-text-2" data-tip={rangeText(run, t)}>
          {run.pair} {run.timeframe} · {rangeText(run, t)}
        </span>
        {asked !== "" && (
          <span className="truncate text-text-3" data-tip={asked}>
            {asked}
          </span>
        )}
        <Standing run={run} now={now} formatTime={formatTime} />
      </button>
      <div className="absolute top-1 right-1 flex items-center">
        {comparable && (
          <input
            type="checkbox"
            className="plain mx-1"
            data-cmd="backtest.tick"
            aria-label={t("backtest.tick", { run: `${run.strategy} ${run.timeframe}` })}
            checked={ticked.includes(run.id)}
            onChange={() => onTick(run.id)}
          />
        )}
        {active ? (
          <IconButton
            icon="close"
            label={t("backtest.cancel")}
            data-cmd="backtest.cancel"
            onClick={() => onCancel(run.id)}
          />
        ) : (
          <IconButton
            icon="dash"
            label={t("backtest.delete")}
            data-cmd="backtest.delete"
            onClick={() => onDelete(run)}
          />
        )}
      </div>
      {active && <Line percent={run.percent} />}
    </li>
  );
}

/** How far it is, or what it came to. */
function Standing({
  run,
  now,
  formatTime,
}: {
  run: BacktestRun;
  now: number;
  formatTime: (seconds: number) => string;
}) {
  const t = useT();
  const locale = useLocale();
  if (isActive(run)) {
    const elapsed = formatDuration(Math.max(0, now - (run.startedMs ?? run.createdMs)) / 1_000, locale);
    const stage = stageText(run.stage, t);
    const words = run.state === "queued" || stage === "" ? t(`backtest.state.${run.state}`) : stage;
    const percent = run.percent === null ? "" : ` · ${Math.round(run.percent)}%`;
    return (
      <span role="status" className="text-text-2 tabular-nums">
        {words}
        {percent} · {elapsed}
      </span>
    );
  }
  const total = run.response?.result ? figureOf(run.response.result.metrics, "profit_total") : undefined;
  // Without the year: the list goes by time, and there is little room.
  const ended = formatTime((run.finishedMs ?? run.createdMs) / 1_000).slice(5);
  if (typeof total !== "number") {
    const state = isEmptyHanded(run)
      ? t("backtest.state.empty")
      : run.kind === "sweep"
        ? t("backtest.kind.sweep")
        : t(`backtest.state.${run.state}`);
    return (
      <span className="truncate text-text-3 tabular-nums">
        {state} · {ended}
      </span>
    );
  }
  return (
    <span className="truncate text-text-3 tabular-nums">
      <span className={toneOf(total)}>{figureText(total, figure("profit_total"), locale)}</span> ·{" "}
      {t("backtest.trades.count", { n: run.response?.result?.totalTrades ?? 0 })} · {ended}
    </span>
  );
}

/** A line that fills where the engine tells how far it is, and only says that something goes on where it does not. */
function Line({ percent }: { percent: number | null }) {
  const t = useT();
  const told = percent === null ? {} : { "aria-valuenow": Math.round(percent) };
  return (
    <div
      role="progressbar"
      aria-label={t("backtest.progress")}
      aria-valuemin={0}
      aria-valuemax={100}
      {...told}
      data-indeterminate={percent === null}
      className="absolute inset-x-0 bottom-0 h-0.5 bg-bg-3"
    >
      <div
        className={percent === null ? "h-full w-1/3 bg-line-strong" : "h-full bg-accent"}
        style={percent === null ? {} : { width: `${percent}%` }}
      />
    </div>
  );
}
