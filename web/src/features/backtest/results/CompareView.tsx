import { useMemo } from "react";
import type { BacktestRun, StrategySpec, Trade } from "../../../api/backtest-types";
import { decimalsOf, formatPrice } from "../../../chart/format/price";
import { useLocale, useT } from "../../../i18n/react";
import { Button } from "../../../ui/controls/Button";
import { useStored } from "../../../ui/storage/useStored";
import type { BacktestStore } from "../slot";
import { rangeText } from "../words";
import { CurvesCanvas } from "./Curves";
import { comparedFigures, differences, tradeDifference } from "./compare";
import { endedEquity, rebased } from "./curves";
import { explanationOf } from "./explanations";
import { ClosedTrades, FigureValue } from "./Figures";
import { type Figure, figureText } from "./figures";

interface CompareViewProps {
  slot: BacktestStore;
  /** The first one is what the others are measured by. */
  runs: readonly BacktestRun[];
  /** Strategies of the native engine. */
  specs: readonly StrategySpec[];
  formatTime: (time: number) => string;
  formatDate: (time: number) => string;
  onClose: () => void;
  onOpen: (id: string) => void;
  onPick: (time: number) => void;
}

const COLOURS = ["bg-accent", "bg-(--series-1)", "bg-(--series-2)", "bg-(--series-4)"];

/** Two to four runs side by side: curves from 100, figures with their difference, what was asked, and whose trades. */
export function CompareView({ slot, runs, specs, formatTime, formatDate, onClose, onOpen, onPick }: CompareViewProps) {
  const t = useT();
  const pointed = useStored(slot, (state) => state.pointed);
  const lines = useMemo(
    () =>
      runs.flatMap(({ response }, at) => {
        const equity = response?.result && endedEquity(response.result);
        return equity ? [{ kind: `run${at}`, times: equity.times, values: rebased(equity.values, 100) }] : [];
      }),
    [runs],
  );
  return (
    <div data-testid="backtest-compare" data-rows={runs.length}>
      <header className="flex items-center justify-between gap-3 px-3 py-2">
        <h3 className="text-15 font-semibold">{t("backtest.compare.title", { n: runs.length })}</h3>
        <Button data-cmd="backtest.compare.close" onClick={onClose}>
          {t("backtest.compare.close")}
        </Button>
      </header>
      <ul className="flex flex-wrap gap-x-6 gap-y-1 px-3 text-12">
        {runs.map((run, at) => (
          <li key={run.id} data-key={run.id} className="flex min-w-0 items-center gap-2">
            <span aria-hidden="true" className={`size-2.5 shrink-0 rounded-full ${COLOURS[at]}`} />
            <button
              type="button"
              data-cmd="backtest.open"
              className="truncate hover:underline"
              onClick={() => onOpen(run.id)}
            >
              <b className="font-semibold">{nameOf(at)}</b> {run.strategy} {run.pair} {run.timeframe} ·{" "}
              {rangeText(run, t)}
            </button>
          </li>
        ))}
      </ul>
      {lines.length > 0 && (
        <div className="h-[220px] px-3 py-2">
          <CurvesCanvas
            lines={lines}
            drawdown={null}
            log={false}
            cursor={pointed}
            label={t("backtest.compare.curves", { n: lines.length })}
            formatTime={formatTime}
            formatDate={formatDate}
            onPoint={(time) => slot.setState({ pointed: time })}
            onPick={onPick}
          />
        </div>
      )}
      <Differences runs={runs} specs={specs} />
      <FigureTable runs={runs} />
      {runs.slice(1).map((run, at) => (
        <TradeDifferences
          key={run.id}
          first={runs[0]}
          other={run}
          names={[nameOf(0), nameOf(at + 1)]}
          formatTime={formatTime}
        />
      ))}
    </div>
  );
}

/** A, B, C, D. */
function nameOf(at: number): string {
  return String.fromCharCode(65 + at);
}

function Differences({ runs, specs }: Pick<CompareViewProps, "runs" | "specs">) {
  const t = useT();
  const rows = useMemo(() => differences(runs, specs), [runs, specs]);
  return (
    <section className="px-3 py-2">
      <h4 className="mb-1 text-12 font-semibold text-text-3">{t("backtest.compare.asked")}</h4>
      {rows.length === 0 ? (
        <p className="text-12 text-text-2">{t("backtest.compare.same")}</p>
      ) : (
        <Table runs={runs} first={t("backtest.compare.what")}>
          {rows.map(({ name, isParam, values }) => (
            <tr key={name} data-key={name}>
              <th scope="row" className="pr-4 text-left font-normal">
                {isParam ? name : t(`backtest.asked.${name as "engine"}`)}
              </th>
              {values.map((value, at) => (
                <td key={runs[at]?.id}>
                  {name === "timerange"
                    ? rangeText({ timerange: value || null }, t)
                    : value === ""
                      ? t("common.dash")
                      : value}
                </td>
              ))}
            </tr>
          ))}
        </Table>
      )}
    </section>
  );
}

function FigureTable({ runs }: { runs: readonly BacktestRun[] }) {
  const t = useT();
  const locale = useLocale();
  const rows = useMemo(() => comparedFigures(runs), [runs]);
  return (
    <section className="px-3 py-2">
      <h4 className="mb-1 text-12 font-semibold text-text-3">{t("backtest.compare.figures")}</h4>
      <Table runs={runs} first={t("backtest.compare.figure")}>
        {rows.map(({ figure, values }) => (
          <tr key={figure.key} data-metric={figure.key}>
            <th scope="row" className="pr-4 text-left font-normal">
              <span className="inline-flex items-center gap-1">
                {explanationOf(figure.key, locale).name}
                {figure.closed && <ClosedTrades />}
              </span>
            </th>
            {values.map((value, at) => (
              <td key={runs[at]?.id} data-value={value ?? ""}>
                <FigureValue of={figure} metrics={runs[at]?.response?.result?.metrics ?? {}} />
                {at > 0 && <Difference figure={figure} value={value} first={values[0] ?? null} />}
              </td>
            ))}
          </tr>
        ))}
      </Table>
    </section>
  );
}

function Difference({ figure, value, first }: { figure: Figure; value: number | null; first: number | null }) {
  const locale = useLocale();
  if (value === null || first === null || figure.unit === "duration") return null;
  const { unit } = figure;
  return <span className="ml-2 text-text-3">({figureText(value - first, { unit, signed: true }, locale)})</span>;
}

function Table({ runs, first, children }: { runs: readonly BacktestRun[]; first: string; children: React.ReactNode }) {
  return (
    <div className="overflow-x-auto">
      <table className="min-w-[50%] text-right text-12 tabular-nums [&_td]:pl-8 [&_th]:whitespace-nowrap">
        <thead className="text-text-3">
          <tr>
            <th scope="col" className="text-left font-normal">
              {first}
            </th>
            {runs.map((run, at) => (
              <th key={run.id} scope="col" className="pl-4 font-semibold">
                {nameOf(at)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}

interface TradeDifferencesProps {
  first: BacktestRun | undefined;
  other: BacktestRun;
  names: readonly [string, string];
  formatTime: (time: number) => string;
}

/** More rows than anybody reads; the export of each run has all of them. */
const MOST = 100;
const NO_TRADES: readonly Trade[] = [];

function TradeDifferences({ first, other, names: [a, b], formatTime }: TradeDifferencesProps) {
  const t = useT();
  const [ours, theirs] = [first?.response?.result?.trades ?? NO_TRADES, other.response?.result?.trades ?? NO_TRADES];
  const { shared, onlyFirst, onlyOther } = useMemo(() => tradeDifference(ours, theirs), [ours, theirs]);
  return (
    <section data-testid="backtest-trade-difference" className="px-3 py-2 text-12">
      <h4 className="mb-1 font-semibold text-text-3">{t("backtest.compare.trades", { a, b })}</h4>
      <p className="text-text-2">{t("backtest.compare.shared", { n: shared })}</p>
      <Only name={a} trades={onlyFirst} formatTime={formatTime} />
      <Only name={b} trades={onlyOther} formatTime={formatTime} />
    </section>
  );
}

function Only({
  name,
  trades,
  formatTime,
}: {
  name: string;
  trades: readonly Trade[];
  formatTime: (time: number) => string;
}) {
  const t = useT();
  const words = t("backtest.compare.only", { name, n: trades.length });
  if (trades.length === 0) return <p className="text-text-2">{words}</p>;
  return (
    <details>
      <summary className="cursor-pointer text-text-2">{words}</summary>
      <ul className="max-h-40 overflow-y-auto pl-4 tabular-nums">
        {trades.slice(0, MOST).map((trade) => (
          <li key={trade.index}>
            {formatTime(trade.openTime)} · {trade.pair} {t(`backtest.side.${trade.side}`)} @{" "}
            {formatPrice(trade.openRate, decimalsOf(trade.openRate))}
          </li>
        ))}
        {trades.length > MOST && (
          <li className="text-text-3">{t("backtest.compare.more", { n: trades.length - MOST })}</li>
        )}
      </ul>
    </details>
  );
}
