import { useMemo, useState } from "react";
import type { Trade } from "../../../api/backtest-types";
import { useLocale, useT } from "../../../i18n/react";
import { Segmented } from "../../../ui/controls/Choice";
import { BREAKDOWNS, type BreakdownKind, breakdown } from "./breakdown";
import { decimal, toneOf } from "./figures";

/** The trades by pair, tag, reason or weekday. */
export function Breakdowns({ trades }: { trades: readonly Trade[] }) {
  const t = useT();
  const locale = useLocale();
  const [kind, setKind] = useState<BreakdownKind>("exitReason");
  const lines = useMemo(() => breakdown(trades, kind), [trades, kind]);
  const weekdays = useMemo(() => weekdayNames(locale), [locale]);
  if (trades.length === 0) return null;
  const nameOf = (key: string) =>
    kind === "weekday" ? (weekdays[Number(key)] ?? key) : key === "" ? t("backtest.breakdown.noTag") : key;
  return (
    <section data-testid="backtest-breakdown" className="px-3 py-2">
      <header className="mb-1 flex flex-wrap items-center gap-3">
        <h3 className="text-12 font-semibold text-text-3">{t("backtest.breakdown")}</h3>
        <Segmented
          label={t("backtest.breakdown")}
          value={kind}
          options={BREAKDOWNS.map((value) => ({ value, label: t(`backtest.breakdown.${value}`) }))}
          onChange={setKind}
        />
      </header>
      <div className="overflow-x-auto">
        <table data-rows={lines.length} className="w-full text-right text-12 tabular-nums">
          <thead className="text-text-3 [&_th]:pr-4 [&_th]:font-normal [&_th]:whitespace-nowrap">
            <tr>
              <th scope="col" className="text-left">
                {t(`backtest.breakdown.${kind}`)}
              </th>
              <th scope="col">{t("backtest.breakdown.trades")}</th>
              <th scope="col">{t("backtest.breakdown.winrate")}</th>
              <th scope="col">{t("backtest.breakdown.mean")}</th>
              <th scope="col">{t("backtest.breakdown.profit")}</th>
              <th scope="col">{t("backtest.breakdown.factor")}</th>
            </tr>
          </thead>
          <tbody className="[&_td]:pr-4">
            {lines.map((line) => (
              <tr key={line.key} data-key={line.key}>
                <th scope="row" className="max-w-[240px] truncate pr-4 text-left font-normal">
                  {nameOf(line.key)}
                </th>
                <td>{line.trades}</td>
                <td>{decimal((line.wins / line.trades) * 100, 1)}%</td>
                <td className={toneOf(line.mean)}>{decimal(line.mean * 100, 2, true)}%</td>
                <td className={toneOf(line.profit)}>{decimal(line.profit, 2, true)}</td>
                <td>{line.profitFactor === null ? t("common.dash") : decimal(line.profitFactor, 2)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

/** Monday first. */
function weekdayNames(locale: string): readonly string[] {
  const format = new Intl.DateTimeFormat(locale, { weekday: "long", timeZone: "UTC" });
  // 2 January 2023 was a Monday.
  return Array.from({ length: 7 }, (_, day) => format.format(Date.UTC(2023, 0, 2 + day)));
}
