import type { ChartFormats, ChartSummary } from "../../chart/types";
import type { Translate } from "../../i18n/catalogue";
import { useT } from "../../i18n/react";
import { Dialog } from "../../ui/overlays/Dialog";
import { seriesWords } from "./text";

/** More rows than anybody reads; the view can be narrowed by zooming. */
const LIMIT = 500;

interface TableDialogProps {
  summary: ChartSummary;
  formats: ChartFormats;
  onClose: () => void;
}

/** The visible bars as a table: the chart for those who do not see it. */
export default function TableDialog({ summary, formats, onClose }: TableDialogProps) {
  const t = useT();
  const bars = [...summary.bars].reverse();
  const words = seriesWords(summary.series ?? "", t);
  return (
    <Dialog title={t("table.title")} onClose={onClose} width="w-[720px]" testId="bars-table">
      {bars.length > LIMIT && <p className="px-4 pt-3 text-12 text-text-2">{t("table.limited", { n: LIMIT })}</p>}
      <table className="w-full text-12">
        <caption className="px-4 py-2 text-left text-text-3">
          {t("table.caption", { symbol: words.symbol, timeframe: words.timeframe, zone: summary.timeZone })}
        </caption>
        <thead className="sticky top-0 bg-bg-2">
          <tr className="text-right text-text-2 [&>th]:px-3 [&>th]:py-1.5 [&>th]:font-semibold">
            <th scope="col" className="text-left">
              {t("table.time")}
            </th>
            {(["open", "high", "low", "close", "volume", "change"] as const).map((key) => (
              <th key={key} scope="col">
                {t(`table.${key}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {bars.slice(0, LIMIT).map((bar, at) => (
            <Bar key={bar.time} bar={bar} before={bars[at + 1]?.close ?? null} formats={formats} t={t} />
          ))}
        </tbody>
      </table>
    </Dialog>
  );
}

interface BarProps {
  bar: ChartSummary["bars"][number];
  before: number | null;
  formats: ChartFormats;
  t: Translate;
}

function Bar({ bar, before, formats, t }: BarProps) {
  const change = before === null ? null : ((bar.close - before) / before) * 100;
  const tone = change === null || change === 0 ? "" : change > 0 ? "text-up" : "text-down";
  return (
    <tr className="border-t border-line text-right [&>td]:px-3 [&>td]:py-1">
      <th scope="row" className="px-3 py-1 text-left font-normal whitespace-nowrap">
        {formats.dateTime(bar.time)}
        {bar.forming && <span className="ml-2 text-text-3">{t("table.forming")}</span>}
      </th>
      {[bar.open, bar.high, bar.low, bar.close].map((value, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: four fixed columns.
        <td key={at}>{formats.price(value)}</td>
      ))}
      <td>{formats.volume(bar.volume)}</td>
      <td className={tone}>{change === null ? t("common.dash") : formats.percent(change)}</td>
    </tr>
  );
}
