import { useState } from "react";
import type { BacktestRun, RunResponse, RunResult, SweepPoint, Trade } from "../../../api/backtest-types";
import { formatDuration } from "../../../chart/format/duration";
import { useLocale, useT } from "../../../i18n/react";
import { Button } from "../../../ui/controls/Button";
import { Icon } from "../../../ui/controls/Icon";
import { tradingLine } from "../form/trading";
import { isActive } from "../runs/actions";
import type { BacktestStore } from "../slot";
import { ChosenTrade } from "../trades/ChosenTrade";
import { TradeList } from "../trades/TradeList";
import type { Market } from "../useMarket";
import { rangeText, stageText, warningText } from "../words";
import { BiasBadge } from "./BiasBadge";
import { Breakdowns } from "./Breakdowns";
import { Equity } from "./Curves";
import { AllFigures, KeyFigures } from "./Figures";
import { Leveraged } from "./Leveraged";
import { MonthTable } from "./Months";
import { RawOutput } from "./RawOutput";
import { SweepView } from "./SweepView";

export interface RunViewProps {
  slot: BacktestStore;
  run: BacktestRun;
  /** The same as the list knows it: how far a check of its signals is. */
  standing: BacktestRun;
  /** Null: its candles are not stored. Undefined: nobody knows yet. */
  market: Market | null | undefined;
  hovered: number | null;
  selected: number | null;
  /** The candles before the entry of that trade are not stored. */
  unstored: boolean;
  timeframe: number;
  monthNames: readonly string[];
  formatTime: (time: number) => string;
  formatDate: (time: number) => string;
  onPick: (time: number) => void;
  onTrade: (trade: Trade) => void;
  onReplay: ((trade: Trade) => void) | undefined;
  onCheck: () => void;
  onCancel: () => void;
  onAgain: () => void;
  onUse: (params: SweepPoint["params"]) => void;
}

/** A run: what was asked, and what it came to or why it did not. */
export function RunView(props: RunViewProps) {
  const { slot, run, selected, unstored, onReplay } = props;
  const chosen = selected === null ? null : run.response?.result?.trades.find(({ index }) => index === selected);
  return (
    <article data-testid="backtest-run" data-key={run.id} data-state={run.state}>
      <Head {...props} />
      {isActive(run) ? (
        <Going run={run} onCancel={props.onCancel} />
      ) : run.kind === "sweep" && run.points ? (
        <SweepView run={run} points={run.points} onUse={props.onUse} />
      ) : run.response?.result ? (
        <Result {...props} result={run.response.result} />
      ) : (
        <Nothing run={run} onAgain={props.onAgain} />
      )}
      {run.response && <RawOutput response={run.response} />}
      {chosen && onReplay && <ChosenTrade slot={slot} trade={chosen} unstored={unstored} onReplay={onReplay} />}
    </article>
  );
}

function Head({ run, standing, formatTime, onCheck, onCancel }: RunViewProps) {
  const t = useT();
  const locale = useLocale();
  const { strategy, pair, timeframe, engine, response, startedMs, finishedMs } = run;
  const took = response?.durationMs ?? (finishedMs !== null && startedMs !== null ? finishedMs - startedMs : null);
  const params = Object.entries(run.params);
  const trading = tradingLine(run.trading);
  return (
    <header className="flex flex-col gap-1 border-b border-line px-3 py-2">
      <div className="flex flex-wrap items-baseline gap-x-3 gap-y-0.5">
        <h3 className="text-15 font-semibold">{strategy}</h3>
        <p className="text-12 text-text-2 tabular-nums">
          {pair} · {timeframe} · {rangeText(run, t)} · {t(`backtest.engine.${engine}`)}
          {took !== null && ` · ${durationText(took, locale)}`}
        </p>
      </div>
      {params.length > 0 && (
        <p className="text-12 text-text-3 tabular-nums">
          {params.map(([name, value]) => `${name} = ${value}`).join(", ")}
        </p>
      )}
      {trading !== "" && (
        <p data-testid="backtest-traded-with" className="text-12 break-words text-text-3 tabular-nums">
          {t("backtest.trading")}: {trading}
        </p>
      )}
      {run.kind === "run" && response?.result && <BiasBadge {...{ run, standing, formatTime, onCheck, onCancel }} />}
      {(response?.warnings ?? []).map((warning) => (
        <p key={warning} data-warning={warning} className="flex items-center gap-2 text-12 text-warn">
          <Icon name="warn" size={14} />
          {warningText(warning, t)}
        </p>
      ))}
    </header>
  );
}

/** Short runs in milliseconds: that is what is interesting about them. */
function durationText(ms: number, locale: string): string {
  return ms < 10_000 ? `${ms.toLocaleString("en")} ms` : formatDuration(ms / 1_000, locale);
}

function Going({ run, onCancel }: { run: BacktestRun; onCancel: () => void }) {
  const t = useT();
  const stage = stageText(run.stage, t);
  return (
    <div className="flex flex-col items-start gap-2 p-4">
      <p role="status" className="font-semibold tabular-nums">
        {run.state === "queued" || stage === "" ? t(`backtest.state.${run.state}`) : stage}
        {run.percent !== null && ` · ${Math.round(run.percent)}%`}
      </p>
      <p className="text-text-2">{t(run.state === "queued" ? "backtest.queued.text" : "backtest.running.text")}</p>
      <Button data-cmd="backtest.cancel" onClick={onCancel}>
        {t("backtest.cancel")}
      </Button>
    </div>
  );
}

/** An end without a result is an error, whatever the exit code says. */
function Nothing({ run, onAgain }: { run: BacktestRun; onAgain: () => void }) {
  const t = useT();
  const calm = run.state === "cancelled";
  return (
    <div role="alert" data-testid="backtest-no-result" className="flex flex-col items-start gap-2 p-4">
      <p className={`flex items-center gap-2 font-semibold ${calm ? "" : "text-danger"}`}>
        <Icon name={calm ? "info" : "error"} />
        {t(
          `backtest.ended.${run.state === "done" ? "empty" : run.state === "timed_out" ? "timed_out" : calm ? "cancelled" : "failed"}`,
        )}
      </p>
      <Reason response={run.response} error={run.error} />
      <Button data-cmd="backtest.again" onClick={onAgain}>
        {t("backtest.again")}
      </Button>
    </div>
  );
}

function Reason({ response, error }: { response: RunResponse | null; error: string | null }) {
  const t = useT();
  const reason = response?.resultError ?? error;
  return (
    <>
      {reason && <p className="max-w-[80ch] break-words text-text-2 select-text">{reason}</p>}
      {response && <p className="text-12 text-text-3">{t("backtest.exitCode", { code: response.exitCode })}</p>}
    </>
  );
}

function Result({ result, ...props }: RunViewProps & { result: RunResult }) {
  const { slot, run, market, hovered, selected, timeframe, monthNames } = props;
  const { formatTime, formatDate, onPick, onTrade } = props;
  const t = useT();
  const [all, setAll] = useState(false);
  return (
    <>
      <KeyFigures metrics={result.metrics} market={market ?? null} />
      <Leveraged result={result} />
      <Equity {...{ slot, result, market, hovered, formatTime, formatDate, onPick }} />
      <MonthTable result={result} monthNames={monthNames} />
      <section className="px-3 py-2">
        <Button
          tone="plain"
          data-cmd="backtest.allMetrics"
          aria-expanded={all}
          className="-ml-3 text-12"
          onClick={() => setAll(!all)}
        >
          <Icon name={all ? "chevronDown" : "chevronRight"} size={14} />
          {t("backtest.metrics.all")}
        </Button>
        {all && (
          <div className="-mx-3">
            <AllFigures metrics={result.metrics} />
          </div>
        )}
      </section>
      <Breakdowns trades={result.trades} />
      <TradeList {...{ slot, run, timeframe, selected, formatTime }} trades={result.trades} onSelect={onTrade} />
    </>
  );
}
