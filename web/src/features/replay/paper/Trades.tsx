import { memo, type ReactNode } from "react";
import type { ChartFormats } from "../../../chart/types";
import { useT } from "../../../i18n/react";
import { Part } from "../../../ui/controls/Facts";
import { type Amounts, quantityText, toneOf } from "./amounts";
import type { PaperStatistics, PaperTrade } from "./model";

/** More rows than anybody reads; the export has all of them. */
const LIMIT = 200;

interface TradesProps {
  trades: readonly PaperTrade[];
  base: string;
  quote: string;
  amounts: Amounts;
  formats: ChartFormats;
  onShowTime: (time: number) => void;
}

/** Closed trades, newest first. Drawn again only when there is another one: bars pass by the thousand. */
export const Trades = memo(function Trades({ trades, base, quote, amounts, formats, onShowTime }: TradesProps) {
  const t = useT();
  const shown = trades
    .map((trade, index) => ({ trade, index }))
    .slice(-LIMIT)
    .reverse();
  const quantities = shown.map(({ trade }) => trade.quantity);
  return (
    <Part title={t("paper.trades")} testId="paper-trades">
      {trades.length === 0 ? (
        <p className="text-12 text-text-2">{t("paper.trades.none")}</p>
      ) : (
        <div className="-mx-3 overflow-x-auto px-3">
          <table data-rows={trades.length} className="w-full text-12 tabular-nums">
            <thead className="text-right text-text-3 [&_th]:pr-3 [&_th]:pb-0.5 [&_th]:font-normal [&_th]:whitespace-nowrap">
              <tr>
                <th scope="col" className="text-left">
                  {t("paper.column.side")}
                </th>
                <th scope="col" className="text-left">
                  {t("paper.column.time")}
                </th>
                <th scope="col">{t("paper.column.result", { quote })}</th>
                <th scope="col">{t("paper.column.percent")}</th>
                <th scope="col">{t("paper.column.entry")}</th>
                <th scope="col">{t("paper.column.exit")}</th>
                <th scope="col">{t("paper.column.quantity", { base })}</th>
                <th scope="col">{t("paper.column.bars")}</th>
              </tr>
            </thead>
            <tbody>
              {shown.map(({ trade, index }) => (
                <Trade key={index} {...{ index, trade, quantities, amounts, formats, onShowTime }} />
              ))}
            </tbody>
          </table>
          {trades.length > LIMIT && (
            <p className="py-1 text-12 text-text-3">{t("paper.trades.newest", { n: LIMIT, all: trades.length })}</p>
          )}
        </div>
      )}
    </Part>
  );
});

interface TradeProps extends Pick<TradesProps, "amounts" | "formats" | "onShowTime"> {
  index: number;
  trade: PaperTrade;
  quantities: readonly number[];
}

function Trade({ index, trade, quantities, amounts, formats, onShowTime }: TradeProps) {
  const t = useT();
  const range = formats.range(trade.entryTime, trade.exitTime);
  return (
    <tr data-key={index} className="border-t border-line text-right [&>*]:py-0.5 [&>*]:pr-3 [&>*]:whitespace-nowrap">
      <th scope="row" className={`text-left font-normal ${trade.side === "long" ? "text-up" : "text-down"}`}>
        {t(`paper.side.${trade.side}`)}
      </th>
      <td className="text-left">
        <button
          type="button"
          data-cmd="paper.show"
          aria-label={t("paper.trade.show", { range })}
          onClick={() => onShowTime(trade.entryTime)}
          className="hit relative rounded-control text-accent hover:underline coarse:min-h-11"
        >
          {range}
        </button>
      </td>
      <td className={toneOf(trade.result)}>{amounts.result(trade.result)}</td>
      <td className={toneOf(trade.result)}>{formats.percent(trade.resultPercent)}</td>
      <td>{formats.price(trade.entryPrice)}</td>
      <td>{formats.price(trade.exitPrice)}</td>
      <td>{quantityText(trade.quantity, quantities)}</td>
      <td>{trade.bars}</td>
    </tr>
  );
}

interface StatisticsProps {
  statistics: PaperStatistics;
  quote: string;
  amounts: Amounts;
  formats: ChartFormats;
}

export function Statistics({ statistics, quote, amounts, formats }: StatisticsProps) {
  const t = useT();
  const { trades, winRate, sum, worstRun, maxDrawdown, maxDrawdownPercent } = statistics;
  return (
    <Part title={t("paper.statistics")} testId="paper-statistics">
      <dl className="grid grid-cols-[repeat(auto-fit,minmax(104px,1fr))] gap-x-3 gap-y-1 text-12 tabular-nums">
        <Figure name={t("paper.statistics.trades")} metric="trades" value={trades}>
          {trades}
        </Figure>
        <Figure name={t("paper.statistics.winRate")} metric="winRate" value={winRate}>
          {winRate === null ? t("common.dash") : `${winRate.toFixed(2)}%`}
        </Figure>
        <Figure name={t("paper.statistics.sum", { quote })} metric="sum" value={sum}>
          <span className={toneOf(sum)}>{amounts.result(sum)}</span>
        </Figure>
        <Figure name={t("paper.statistics.worstRun")} metric="worstRun" value={worstRun.sum}>
          {worstRun.trades === 0
            ? t("paper.statistics.worstRun.none")
            : t("paper.statistics.worstRun.value", { n: worstRun.trades, sum: amounts.result(worstRun.sum) })}
        </Figure>
        <Figure name={t("paper.statistics.drawdown")} metric="maxDrawdown" value={maxDrawdown}>
          {t("paper.statistics.drawdown.value", {
            amount: amounts.result(-maxDrawdown),
            percent: formats.percent(-maxDrawdownPercent),
          })}
        </Figure>
      </dl>
    </Part>
  );
}

interface FigureProps {
  name: string;
  metric: string;
  /** Unrounded; null: there is none. */
  value: number | null;
  children: ReactNode;
}

function Figure({ name, metric, value, children }: FigureProps) {
  return (
    <div className="min-w-0 text-right" data-metric={metric} data-value={value ?? ""}>
      <dt className="truncate text-text-3">{name}</dt>
      <dd className="break-words">{children}</dd>
    </div>
  );
}
