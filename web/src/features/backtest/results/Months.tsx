import { useMemo } from "react";
import type { RunResult } from "../../../api/backtest-types";
import { useT } from "../../../i18n/react";
import { ClosedTrades } from "./Figures";
import { decimal } from "./figures";
import { monthsOf } from "./months";

/** Years down, months across: the figure in every cell, its colour by the distance from zero. */
export function MonthTable({ result, monthNames }: { result: RunResult; monthNames: readonly string[] }) {
  const t = useT();
  const { source, rows, most } = useMemo(() => monthsOf(result), [result]);
  if (rows.length === 0) return null;
  return (
    <section data-testid="backtest-months" className="px-3 py-2">
      <h3 className="mb-1 flex items-center gap-2 text-12 font-semibold text-text-3">
        {t("backtest.months")}
        {source === "closed" && <ClosedTrades />}
      </h3>
      <div className="overflow-x-auto">
        <table className="w-full min-w-[640px] border-separate border-spacing-px text-right text-11 tabular-nums">
          <thead className="text-text-3">
            <tr>
              <th scope="col" className="text-left font-normal">
                {t("backtest.months.year")}
              </th>
              {monthNames.map((name) => (
                <th key={name} scope="col" className="font-normal">
                  {name}
                </th>
              ))}
              <th scope="col" className="font-normal">
                {t("backtest.months.total")}
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ year, months, total }) => (
              <tr key={year} data-key={year}>
                <th scope="row" className="text-left font-normal text-text-2">
                  {year}
                </th>
                {months.map((change, month) => (
                  <td
                    key={monthNames[month]}
                    data-value={change ?? ""}
                    className="rounded-[2px] px-1 py-0.5 text-text-1"
                    style={change === null ? {} : { background: tint(change, most) }}
                  >
                    {change === null ? "" : decimal(change * 100, 1, true)}
                  </td>
                ))}
                <td className="px-1 font-semibold">{decimal(total * 100, 1, true)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p className="mt-0.5 text-11 text-text-3">{t("backtest.months.unit")}</p>
    </section>
  );
}

/** So faint that the figure stays readable on it. */
const STRONGEST = 34;

function tint(change: number, most: number): string {
  if (change === 0 || most === 0) return "transparent";
  const share = Math.round((Math.abs(change) / most) * STRONGEST);
  return `color-mix(in srgb, var(${change > 0 ? "--up" : "--down"}) ${share}%, transparent)`;
}
