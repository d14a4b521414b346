import type { BacktestRun } from "../../../api/backtest-types";
import { useT } from "../../../i18n/react";
import { Button } from "../../../ui/controls/Button";
import { Icon } from "../../../ui/controls/Icon";
import { copyText } from "../../../ui/feedback/clipboard";
import { isChecking } from "../runs/actions";

interface BiasBadgeProps {
  run: BacktestRun;
  /** The same as the list knows it, which hears first what a check came to. */
  standing: Pick<BacktestRun, "state" | "stage" | "percent" | "bias" | "error">;
  formatTime: (time: number) => string;
  onCheck: () => void;
  onCancel: () => void;
}

/** Whether the signals of a run owe anything to the future. Never absent. */
export function BiasBadge({ run, standing, formatTime, onCheck, onCancel }: BiasBadgeProps) {
  const t = useT();
  const { engine } = run;
  const { error } = standing;
  const bias = standing.bias ?? run.bias;
  const checking = isChecking(standing);
  if (engine === "freqtrade") return <OfFreqtrade run={run} />;
  if (bias === null) {
    return (
      <span
        data-testid="backtest-bias"
        data-bias={checking ? "checking" : "unchecked"}
        className="inline-flex items-center gap-2 text-12 text-text-2"
      >
        <Icon name="info" size={14} />
        {checking
          ? [
              t("backtest.bias.checking"),
              ...(standing.percent === null ? [] : [`${Math.round(standing.percent)}%`]),
            ].join(" · ")
          : error === null
            ? t("backtest.bias.unchecked")
            : t("backtest.bias.ended", { reason: error })}
        {checking && (
          <Button data-cmd="backtest.cancelCheck" className="h-6 px-2 text-12" onClick={onCancel}>
            {t("backtest.bias.cancel")}
          </Button>
        )}
        {engine === "native" && !checking && (
          <Button data-cmd="backtest.checkBias" className="h-6 px-2 text-12" onClick={onCheck}>
            {t("backtest.bias.check")}
          </Button>
        )}
      </span>
    );
  }
  const { checked, changed, rows } = bias;
  if (changed === 0) {
    return (
      <span data-testid="backtest-bias" data-bias="clean" className="inline-flex items-center gap-2 text-12 text-ok">
        <Icon name="check" size={14} />
        {t("backtest.bias.clean", { same: checked, checked })}
      </span>
    );
  }
  return (
    <details data-testid="backtest-bias" data-bias="biased" className="text-12">
      <summary className="inline-flex cursor-pointer items-center gap-2 font-semibold text-danger">
        <Icon name="warn" size={14} />
        {t("backtest.bias.biased", { changed, checked })}
      </summary>
      <ul className="mt-1 max-h-40 overflow-y-auto rounded-card border border-line bg-bg-2 px-3 py-1 tabular-nums">
        {rows.map(({ time, column }) => (
          <li key={`${time} ${column}`}>
            {formatTime(time)} · <span className="font-mono">{column}</span>
          </li>
        ))}
      </ul>
    </details>
  );
}

/** freqtrade alone can compute the signals of its strategies again: nothing is known here, and its command is told. */
function OfFreqtrade({ run: { strategy, pair, timeframe, timerange } }: { run: BacktestRun }) {
  const t = useT();
  const range = timerange === null ? "" : ` --timerange=${timerange}`;
  const command = `freqtrade lookahead-analysis --strategy ${strategy} --pairs ${pair} --timeframe ${timeframe}${range}`;
  return (
    <details data-testid="backtest-bias" data-bias="unchecked" className="text-12 text-text-2">
      <summary className="inline-flex cursor-pointer items-center gap-2">
        <Icon name="info" size={14} />
        {t("backtest.bias.unchecked")}
        <span className="text-text-3">{t("backtest.bias.how")}</span>
      </summary>
      <p className="mt-1 max-w-[80ch]">{t("backtest.bias.freqtrade")}</p>
      <div className="mt-1 flex flex-wrap items-center gap-2">
        <code className="max-w-full rounded-control bg-bg-2 px-2 py-1 font-mono break-all select-text">{command}</code>
        <Button data-cmd="backtest.copyCommand" onClick={() => void copyText(command, t)}>
          {t("common.copy")}
        </Button>
      </div>
    </details>
  );
}
