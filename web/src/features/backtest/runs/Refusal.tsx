import { historyMissing, isBusy } from "../../../api/backtest-api";
import type { BacktestRun, HistoryMissing, RunOrder } from "../../../api/backtest-types";
import type { ApiError } from "../../../api/error";
import { useT } from "../../../i18n/react";
import { Button } from "../../../ui/controls/Button";
import { Icon } from "../../../ui/controls/Icon";
import { copyText } from "../../../ui/feedback/clipboard";
import { ErrorState } from "../../../ui/feedback/States";

interface RefusalProps {
  order: RunOrder;
  failure: ApiError;
  /** The one that runs; named when the queue is full. */
  running: BacktestRun | null;
  onRetry: (order: RunOrder) => void;
  /** Runs the order in a timeframe that there are candles of. */
  onTimeframe: (timeframe: string) => void;
  onClose: () => void;
}

/** Why an order did not become a run, and what helps. */
export function Refusal({ order, failure, running, onRetry, onTimeframe, onClose }: RefusalProps) {
  const t = useT();
  const missing = historyMissing(failure);
  return (
    <div data-testid="backtest-refused" className="relative m-3 rounded-card border border-line bg-bg-2">
      {missing ? (
        <History missing={missing} onPick={onTimeframe} onRetry={() => onRetry(order)} />
      ) : isBusy(failure) ? (
        <Card title={t("backtest.busy")} code={failure.code}>
          {running && (
            <p className="text-text-2">
              {t("backtest.busy.running", {
                strategy: running.strategy,
                pair: running.pair,
                timeframe: running.timeframe,
              })}
            </p>
          )}
          <Button data-cmd="backtest.retry" onClick={() => onRetry(order)}>
            {t("common.retry")}
          </Button>
        </Card>
      ) : (
        <ErrorState title={t("backtest.refused")} failure={failure} onRetry={() => onRetry(order)} />
      )}
      <div className="absolute top-2 right-2">
        <Button tone="plain" className="text-12" data-cmd="backtest.dismiss" onClick={onClose}>
          {t("common.close")}
        </Button>
      </div>
    </div>
  );
}

function Card({ title, code, children }: { title: string; code: string; children: React.ReactNode }) {
  return (
    <div role="alert" data-error-code={code} className="flex flex-col items-start gap-2 p-4">
      <p className="flex items-center gap-2 pr-16 font-semibold text-warn">
        <Icon name="warn" />
        {title}
      </p>
      {children}
    </div>
  );
}

interface HistoryProps {
  missing: HistoryMissing;
  onPick: (timeframe: string) => void;
  onRetry: () => void;
}

function History({ missing, onPick, onRetry }: HistoryProps) {
  const t = useT();
  const { pair, timeframe, expectedPaths, timeframes, command } = missing;
  // The candles are there, and none of the range.
  const beyond = timeframes.includes(timeframe);
  const others = timeframes.filter((name) => name !== timeframe);
  return (
    <Card
      title={t(beyond ? "backtest.history.range.title" : "backtest.history.title", { pair, timeframe })}
      code="backtest.history_missing"
    >
      {expectedPaths.length === 0 && (
        <p className="max-w-[80ch] text-text-2">{t(beyond ? "backtest.history.range" : "backtest.history.store")}</p>
      )}
      {expectedPaths.length > 0 && (
        <div className="min-w-0">
          <p className="text-12 text-text-2">{t("backtest.history.files")}</p>
          <ul className="font-mono text-12 break-all text-text-2">
            {expectedPaths.map((path) => (
              <li key={path}>{path}</li>
            ))}
          </ul>
        </div>
      )}
      {others.length > 0 && (
        <div className="flex flex-wrap items-center gap-1">
          <span className="text-12 text-text-2">{t("backtest.history.instead")}</span>
          {others.map((name) => (
            <Button
              key={name}
              data-cmd={`backtest.timeframe.${name}`}
              className="h-6 px-2 text-12"
              onClick={() => onPick(name)}
            >
              {name}
            </Button>
          ))}
        </div>
      )}
      {command !== "" && (
        <div className="flex max-w-full min-w-0 flex-col items-start gap-1">
          <p className="text-12 text-text-2">{t("backtest.history.command")}</p>
          <code className="max-w-full rounded-control bg-bg-1 px-2 py-1 font-mono text-12 break-all select-text">
            {command}
          </code>
          <div className="flex gap-2">
            <Button data-cmd="backtest.copyCommand" onClick={() => void copyText(command, t)}>
              {t("common.copy")}
            </Button>
            <Button data-cmd="backtest.retry" onClick={onRetry}>
              {t("common.retry")}
            </Button>
          </div>
        </div>
      )}
    </Card>
  );
}
